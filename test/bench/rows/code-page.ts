import type { Subject } from '../build.js';
import { compete } from '../contest.js';
import { type Job, onEach } from '../rounds.js';
import type { ApplicationName } from '../servers/applications.js';
import { expect, haveCodeSent, logIn } from '../sign-in.js';
import { baseRate, type Row, rateRow, required } from '../table.js';

const USERS = 10;

/** The page with the field for the code, and the same page rendered by `res.render` with nunjucks and i18next. */
export async function codePage(subject: Subject): Promise<Row[]> {
  const lengths = new Set<number>();
  const prepare = async (url: string, name: ApplicationName): Promise<Job> => {
    const cookies = await onEach(url, USERS, async (connection) => {
      const cookie = await logIn(connection);
      await haveCodeSent(connection, cookie);
      return cookie;
    });
    return async (connection, user) => {
      const { length } = expect(await connection.get('/2fa/verify', cookies[user]), 200);
      // Another revision can have another page.
      if (name !== 'base') lengths.add(length);
    };
  };
  const measure = async (rival: ApplicationName, rounds: number, against = subject) => {
    const crowds = [{ users: USERS, rounds, ms: 60 }];
    const contest = { applications: ['ours', rival] as const, starts: 4, warmUp: 6_000, crowds, prepare };
    return (await compete(against, contest)).flat();
  };
  // The row with a requirement gets a margin of 0.02.
  const rounds = await measure('floor', 200);
  const rendered = await measure('rendered', 20, { ...subject, base: undefined });
  checkAlike([...lengths]);
  const what = 'code page: requests per second';
  // The code page has its own requirement, so the base doesn't decide.
  const { verdict: _, ...base } = baseRate(rounds) ?? {};
  return [
    { ...rateRow(what, rounds, ['ours', 'floor'], required(0.8)), base: 'ratio' in base ? base : undefined },
    rateRow('the same, measured separately, against `res.render` with nunjucks and i18next', rendered, [
      'ours',
      'rendered',
    ]),
  ];
}

/** Throws if the applications no longer serve the same page. A countdown changes a page by a few bytes. */
function checkAlike(lengths: readonly number[]): void {
  const [shortest, longest] = [Math.min(...lengths), Math.max(...lengths)];
  if (longest > 1.03 * shortest) {
    throw new Error(
      `The code pages have ${shortest} to ${longest} bytes. Update servers/views to match views/verify.html.`,
    );
  }
}
