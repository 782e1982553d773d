import type { Build } from '../build.js';
import { compete } from '../contest.js';
import { compare, type Job, onEach } from '../rounds.js';
import { expect, signIn } from '../sign-in.js';
import { comparison, type Row } from '../table.js';

const USERS = 10;

/** A route behind the gate, for users who have passed. */
export async function gatedRoute(build: Build): Promise<Row> {
  const asPassed = async (url: string): Promise<Job> => {
    const cookies = await onEach(url, USERS, signIn);
    return async (connection, user) => expect(await connection.get('/account', cookies[user]), 200);
  };
  const crowds = [{ users: USERS, rounds: 40, ms: 60 }];
  const rounds = await compete(build, { starts: 4, warmUp: 6_000, crowds, prepare: asPassed });
  return comparison('gated route, verified session: requests a second', compare(rounds.flat()), 0.95);
}
