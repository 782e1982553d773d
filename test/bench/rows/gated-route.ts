import type { Build } from '../build.js';
import { inPairs } from '../pair.js';
import { onEach, perSecond } from '../rounds.js';
import { expect, signIn } from '../sign-in.js';
import { comparison, type Row } from '../table.js';

const USERS = 10;
const ROUND_MS = 350;

/** A route behind the gate, for users who have passed. */
export async function gatedRoute(build: Build): Promise<Row> {
  const asPassed = async (url: string) => {
    const cookies = await onEach(url, USERS, signIn);
    return () =>
      perSecond(url, USERS, ROUND_MS, async (connection, user) =>
        expect(await connection.get('/account', cookies[user]), 200),
      );
  };
  const compared = await inPairs(build, {}, { rounds: 6, warmUp: 5 }, asPassed);
  return comparison('gated route, verified session: requests a second', compared, 0.95);
}
