import type { Build } from './build.js';
import { Connection } from './connection.js';
import { type Listening, type Program, start } from './process.js';
import { type Crowd, inTurn, type Job, type Round, type Side, warmUp } from './rounds.js';
import { haveCodeSent, logIn } from './sign-in.js';

/** Both applications, and the Verify that they call; each in a process of its own. */
export interface Pair {
  readonly ours: Program<Listening>;
  readonly floor: Program<Listening>;
  readonly verify: Program<Listening>;
  stop(): Promise<void>;
}

/** What may differ from one row to the next. */
export interface PairOptions {
  readonly redisUrl?: string;
  readonly countsLimiterCalls?: boolean;
}

const CREDENTIALS = {
  TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
  TWILIO_AUTH_TOKEN: '0'.repeat(32),
  TWILIO_VERIFY_SERVICE_SID: `VA${'0'.repeat(32)}`,
};

/** Starts the Verify that ours and the floor call, and gives what they find in their environment. */
export async function startVerify(build: Build) {
  const verify = await start(build, 'verify-stub');
  return { verify, env: { ...CREDENTIALS, TWILIO_VERIFY_BASE_URL: verify.ready.url } };
}

/** Starts both applications. */
export async function startPair(build: Build, options: PairOptions = {}): Promise<Pair> {
  const { verify, env } = await startVerify(build);
  const shared = {
    ...env,
    ...(options.redisUrl === undefined ? {} : { REDIS_URL: options.redisUrl }),
    ...(options.countsLimiterCalls ? { COUNT_LIMITER_CALLS: 'yes' } : {}),
  };
  const ours = await start(build, 'ours', shared);
  const floor = await start(build, 'floor', { ...shared, ...(await lengthsOf(ours.ready.url)) });
  return {
    ours,
    floor,
    verify,
    stop: async () => void (await Promise.all([ours, floor, verify].map((program) => program.stop()))),
  };
}

/** How two applications are compared. */
export interface Contest {
  /** Pairs of processes. */
  readonly pairs: number;
  /** Jobs that come first and do not count. */
  readonly warmUp: number;
  /** Measured one after the other, in the same processes. */
  readonly crowds: readonly Crowd[];
  /** Gives what is done with the application at this address. */
  readonly prepare: (url: string) => Job | Promise<Job>;
}

/**
 * Compares the two in one pair of processes after the other, and gives the rounds of each crowd. Two processes of the
 * same program are not equally fast, by a tenth, for as long as they run: it is luck what V8 compiles when, and where it
 * puts it.
 */
export async function inPairs(build: Build, options: PairOptions, contest: Contest): Promise<Round[][]> {
  const rounds: Round[][] = contest.crowds.map(() => []);
  for (let pairs = 0; pairs < contest.pairs; pairs += 1) {
    const pair = await startPair(build, options);
    const side = async ({ ready: { url } }: Program<Listening>): Promise<Side> => ({
      url,
      job: await contest.prepare(url),
    });
    const [ours, floor] = [await side(pair.ours), await side(pair.floor)];
    await warmUp(contest.warmUp, [ours, floor]);
    for (const [index, crowd] of contest.crowds.entries()) {
      rounds[index]?.push(...(await inTurn(crowd, ours, floor)));
    }
    await pair.stop();
  }
  return rounds;
}

/** How long our pages are: as long the floor's are to be. */
async function lengthsOf(url: string): Promise<Record<string, string>> {
  const connection = await Connection.open(url);
  const cookie = await logIn(connection);
  const startPage = await connection.get('/2fa', cookie);
  await haveCodeSent(connection, cookie);
  const codePage = await connection.get('/2fa/verify', cookie);
  connection.close();
  return { START_PAGE_LENGTH: String(startPage.length), CODE_PAGE_LENGTH: String(codePage.length) };
}
