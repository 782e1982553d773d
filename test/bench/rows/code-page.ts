import type { Build } from '../build.js';
import { compete } from '../contest.js';
import { compare, type Job, onEach } from '../rounds.js';
import { expect, haveCodeSent, logIn } from '../sign-in.js';
import { comparison, type Row } from '../table.js';

const USERS = 10;

/** The page with the field for the code, for users who wait for one. */
export async function codePage(build: Build): Promise<Row> {
  const asWaiting = async (url: string): Promise<Job> => {
    const cookies = await onEach(url, USERS, async (connection) => {
      const cookie = await logIn(connection);
      await haveCodeSent(connection, cookie);
      return cookie;
    });
    return async (connection, user) => expect(await connection.get('/2fa/verify', cookies[user]), 200);
  };
  const crowds = [{ users: USERS, rounds: 40, ms: 60 }];
  const rounds = await compete(build, { starts: 4, warmUp: 6_000, crowds, prepare: asWaiting });
  return comparison('code page served: requests a second', compare(rounds.flat()), 0.8);
}
