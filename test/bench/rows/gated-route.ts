import type { Build } from '../build.js';
import { startPair } from '../pair.js';
import { inTurn, onEach, perSecond } from '../rounds.js';
import { expect, signIn } from '../sign-in.js';
import { comparison, type Row } from '../table.js';

const USERS = 10;

/** A route behind the gate, for users who have passed. */
export async function gatedRoute(build: Build): Promise<Row> {
  const pair = await startPair(build);
  const asPassed = async (url: string) => {
    const cookies = await onEach(url, USERS, signIn);
    return () =>
      perSecond(url, USERS, 500, async (connection, user) =>
        expect(await connection.get('/account', cookies[user]), 200),
      );
  };
  const compared = await inTurn(24, 6, await asPassed(pair.ours.ready.url), await asPassed(pair.floor.ready.url));
  await pair.stop();
  return comparison('gated route, verified session: requests a second', compared, 0.95);
}
