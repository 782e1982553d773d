import type { Build } from '../build.js';
import { startPair } from '../pair.js';
import { inTurn, onEach, perSecond } from '../rounds.js';
import { expect, haveCodeSent, logIn } from '../sign-in.js';
import { comparison, type Row } from '../table.js';

const USERS = 10;

/** The page with the field for the code, for users who wait for one. */
export async function codePage(build: Build): Promise<Row> {
  const pair = await startPair(build);
  const asWaiting = async (url: string) => {
    const cookies = await onEach(url, USERS, async (connection) => {
      const cookie = await logIn(connection);
      await haveCodeSent(connection, cookie);
      return cookie;
    });
    return () =>
      perSecond(url, USERS, 500, async (connection, user) =>
        expect(await connection.get('/2fa/verify', cookies[user]), 200),
      );
  };
  const compared = await inTurn(24, 6, await asWaiting(pair.ours.ready.url), await asWaiting(pair.floor.ready.url));
  await pair.stop();
  return comparison('code page served: requests a second', compared, 0.8);
}
