import type { Build } from '../build.js';
import { inPairs } from '../pair.js';
import { onEach, perSecond } from '../rounds.js';
import { expect, haveCodeSent, logIn } from '../sign-in.js';
import { comparison, type Row } from '../table.js';

const USERS = 10;
const ROUND_MS = 350;

/** The page with the field for the code, for users who wait for one. */
export async function codePage(build: Build): Promise<Row> {
  const asWaiting = async (url: string) => {
    const cookies = await onEach(url, USERS, async (connection) => {
      const cookie = await logIn(connection);
      await haveCodeSent(connection, cookie);
      return cookie;
    });
    return () =>
      perSecond(url, USERS, ROUND_MS, async (connection, user) =>
        expect(await connection.get('/2fa/verify', cookies[user]), 200),
      );
  };
  const compared = await inPairs(build, {}, { rounds: 6, warmUp: 5 }, asWaiting);
  return comparison('code page served: requests a second', compared, 0.8);
}
