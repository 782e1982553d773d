import { startApplications, startVerify } from '../applications.js';
import type { Subject } from '../build.js';
import { Connection } from '../connection.js';
import { atRate, compareSamples, median, onEach, perSecond, warmUp } from '../rounds.js';
import type { ApplicationName } from '../servers/applications.js';
import { expect, logIn, signIn } from '../sign-in.js';
import { baseOf, figure, type Row, verdictOf } from '../table.js';

/** Delay of each answer of the stub. */
const DELAY_MS = 2_000;
const SIGN_INS = 500;
const WAVES = 3;
const USERS = 10;

const MAX_REQUEST_MS = 6_000;
const MIN_KEPT = 0.9;
const MAX_GROWTH_MB = 5;

/** A Twilio that takes two seconds for each call while five hundred users sign in at once, three times. */
export async function slowTwilio(subject: Subject): Promise<Row> {
  const ours = await measure(subject, 'ours');
  const base = subject.base ? await measure(subject, 'base') : undefined;
  const isReached =
    ours.longestMs <= MAX_REQUEST_MS && median(ours.kept) >= MIN_KEPT && ours.growthMegabytes <= MAX_GROWTH_MB;
  return {
    what: `Twilio takes 2 s per call, ${SIGN_INS} sign-ins at once: longest request / rate that a protected route keeps / heap growth`,
    measured: `ours: ${show(ours)}`,
    target: { text: '≤ 6 s / ≥ 0.9 / ≤ 5 MB', verdict: verdictOf(isReached) },
    base: base && baseOf(compareSamples(ours.kept, base.kept), 'higher', show(base)),
  };
}

interface Measured {
  readonly longestMs: number;
  /** Of each wave, the rate of a protected route during the sign-ins against its rate before. */
  readonly kept: readonly number[];
  /** Per wave. */
  readonly growthMegabytes: number;
}

async function measure(subject: Subject, name: ApplicationName): Promise<Measured> {
  const { verify, env } = await startVerify(subject);
  const program = await startApplications(subject, [name], env, ['--expose-gc']);
  const url = program.ready[name];
  const cookies = await onEach(url, USERS, signIn);
  const account = async (connection: Connection, user: number) =>
    expect(await connection.get('/account', cookies[user]), 200);
  await warmUp(2_500, [{ url, job: signIn }]);
  await warmUp(6_000, [{ url, job: account }]);
  await verify.ask('beSlow');
  // Half of the full rate leaves the processor time that the sign-ins need.
  const rate = (await perSecond(url, USERS, 1_000, account)) / 2;
  const requests = () => atRate(url, USERS, rate, DELAY_MS * 2.5, account);

  const kept: number[] = [];
  const heap: number[] = [];
  let longestMs = 0;
  for (let wave = 0; wave < WAVES; wave += 1) {
    const before = await requests();
    const connections = await Promise.all(Array.from({ length: SIGN_INS }, () => Connection.open(url)));
    const sessions = await Promise.all(connections.map((connection) => logIn(connection)));
    const signIns = connections.map((connection, index) => longestOf(connection, sessions[index] ?? ''));
    const [meanwhile, ...longest] = await Promise.all([requests(), ...signIns]);
    longestMs = Math.max(longestMs, ...longest);
    kept.push(meanwhile / before);
    for (const connection of connections) connection.close();
    heap.push(await program.ask<number>('memory'));
  }
  await program.stop();
  await verify.stop();
  return { longestMs, kept, growthMegabytes: ((heap.at(-1) ?? 0) - (heap[0] ?? 0)) / (WAVES - 1) };
}

/** Has a code sent and submits it, and returns the time of the longest request. */
async function longestOf(connection: Connection, cookie: string): Promise<number> {
  const requests = [
    () => connection.post('/2fa', 'method=sms', cookie),
    () => connection.get('/2fa/verify', cookie),
    () => connection.post('/2fa/verify', 'code=482913', cookie),
  ];
  let longest = 0;
  for (const request of requests) {
    const start = performance.now();
    const { status } = await request();
    if (status !== 200 && status !== 303) throw new Error(`A request of a sign-in got ${status}.`);
    longest = Math.max(longest, performance.now() - start);
  }
  return longest;
}

function show({ longestMs, kept, growthMegabytes }: Measured): string {
  return `${figure(longestMs / 1000)} s / ${figure(median(kept))} / ${figure(growthMegabytes)} MB`;
}
