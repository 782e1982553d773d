/** The floor behind the smallest useful Passport strategy: no route protected through Passport can be faster. */
import type { Request } from 'express';
import { Strategy } from 'passport';
import { createBaseApp } from './base-app.js';
import { byHand, pageOf } from './by-hand.js';
import type { Application } from './talk.js';

const CODE_PAGE = pageOf(Number(process.env.CODE_PAGE_LENGTH));

class FlagStrategy extends Strategy {
  override readonly name = 'flag';

  override authenticate(req: Request): void {
    if (req.session.ok) this.pass();
    else this.fail(401);
  }
}

export async function minimalStrategy(): Promise<Application> {
  const base = await createBaseApp();
  base.passport.use(new FlagStrategy());
  return byHand(base, {
    codePage: (_req, res) => void res.send(CODE_PAGE),
    account: [base.passport.authenticate('flag'), (_req, res) => void res.send('verified')],
  });
}
