/** The floor: the SDK and nothing else. The pages are constants with the length of the package's. */
import { createBaseApp } from './base-app.js';
import { byHand, pageOf } from './by-hand.js';
import type { Application } from './talk.js';

const CODE_PAGE = pageOf(Number(process.env.CODE_PAGE_LENGTH));

export async function floor(): Promise<Application> {
  return byHand(await createBaseApp(), {
    codePage: (_req, res) => void res.send(CODE_PAGE),
    account: [
      (req, res) => {
        if (req.isAuthenticated() && req.session.ok) res.send('verified');
        else res.sendStatus(401);
      },
    ],
  });
}
