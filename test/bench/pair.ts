import type { Build } from './build.js';
import { Connection } from './connection.js';
import { type Listening, type Program, start } from './process.js';
import { type Compared, compare, inTurn, type Measure, type Plan, type Round } from './rounds.js';
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
export async function startVerify(build: Build, delayMs = 0) {
  const verify = await start(build, 'verify-stub', { DELAY_MS: String(delayMs) });
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

/** Pairs of processes that a comparison takes. */
const PAIRS = 4;

/**
 * Compares the two in one pair of processes after the other. Two processes of the same program are not equally fast, by
 * a tenth, for as long as they run: it is luck what V8 compiles when, and where it puts it.
 *
 * @param prepare - Gives what measures the application at this address.
 */
export async function inPairs(
  build: Build,
  options: PairOptions,
  plan: Plan,
  prepare: (url: string) => Measure | Promise<Measure>,
): Promise<Compared> {
  const rounds: Round[] = [];
  for (let pairs = 0; pairs < PAIRS; pairs += 1) {
    const { ours, floor, stop } = await startPair(build, options);
    rounds.push(...(await inTurn(plan, await prepare(ours.ready.url), await prepare(floor.ready.url))));
    await stop();
  }
  return compare(rounds);
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
