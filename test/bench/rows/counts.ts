import { startApplications, startVerify } from '../applications.js';
import type { Subject } from '../build.js';
import { Connection } from '../connection.js';
import type { ApplicationName } from '../servers/applications.js';
import { expect, haveCodeSent, logIn, signIn, typeCode } from '../sign-in.js';
import { type Base, type Row, verdictOf } from '../table.js';

const TIMES = 20;

const MAX_BYTES = { pending: 400, verified: 220 };

/** A return path, which the limit leaves out. */
const RETURN_PATH = `/account?${'a'.repeat(191)}`;

/** Calls and bytes, which the tests in `test/cost` limit too. */
export async function counts(subject: Subject): Promise<Row[]> {
  const ours = await countsOf(subject, 'ours');
  const floor = await countsOf(subject, 'floor');
  const base = subject.base ? await countsOf(subject, 'base') : undefined;
  const more = ours.storeCalls - floor.storeCalls;
  return [
    {
      what: 'Twilio calls per sign-in / per request to a protected route',
      measured: `ours: ${twilioCalls(ours)}`,
      reference: `floor: ${twilioCalls(floor)}`,
      target: { text: '2 / 0', verdict: verdictOf(twilioCalls(ours) === '2 / 0') },
      base: base && baseCount(ours, base, twilioCalls, ['twilioPerSignIn', 'twilioPerRequest']),
    },
    {
      what: 'calls to the session store / to limiters per request to a protected route',
      measured: `ours: ${otherCalls(ours)}`,
      reference: `floor: ${otherCalls(floor)}`,
      target: { text: '0 / 0 more', verdict: verdictOf(more === 0 && ours.limiterCalls === 0) },
      base: base && baseCount(ours, base, otherCalls, ['storeCalls', 'limiterCalls']),
    },
    {
      what: 'bytes in the session, pending / verified, apart from the return path',
      measured: `ours: ${bytes(ours)}`,
      target: {
        text: `≤ ${MAX_BYTES.pending} / ≤ ${MAX_BYTES.verified}`,
        verdict: verdictOf(ours.pendingBytes <= MAX_BYTES.pending && ours.verifiedBytes <= MAX_BYTES.verified),
      },
      base: base && baseCount(ours, base, bytes, ['pendingBytes', 'verifiedBytes']),
    },
  ];
}

interface Counts {
  readonly twilioPerSignIn: number;
  readonly twilioPerRequest: number;
  readonly storeCalls: number;
  readonly limiterCalls: number;
  readonly pendingBytes: number;
  readonly verifiedBytes: number;
}

async function countsOf(subject: Subject, name: ApplicationName): Promise<Counts> {
  const { verify, env } = await startVerify(subject);
  const program = await startApplications(subject, [name], { ...env, COUNT_LIMITER_CALLS: 'yes' });
  const connection = await Connection.open(program.ready[name]);
  const request = async (cookie: string) => expect(await connection.get('/account', cookie), 200);
  const twilio = () => verify.ask<number>('counts');
  const touched = () => program.ask<{ readonly store: number; readonly limiter: number }>('touched');

  const before = await twilio();
  let cookie = '';
  for (let time = 0; time < TIMES; time += 1) cookie = await signIn(connection);
  const [signedIn, untouched] = [await twilio(), await touched()];
  for (let time = 0; time < TIMES; time += 1) await request(cookie);
  const [requested, after] = [await twilio(), await touched()];

  const sizes = name === 'floor' ? { pendingBytes: 0, verifiedBytes: 0 } : await sizesOf(connection, program);
  connection.close();
  await program.stop();
  await verify.stop();
  return {
    twilioPerSignIn: (signedIn - before) / TIMES,
    twilioPerRequest: (requested - signedIn) / TIMES,
    storeCalls: (after.store - untouched.store) / TIMES,
    limiterCalls: (after.limiter - untouched.limiter) / TIMES,
    ...sizes,
  };
}

async function sizesOf(connection: Connection, program: { ask(question: 'record'): Promise<unknown> }) {
  const cookie = await logIn(connection);
  expect(await connection.get(RETURN_PATH, cookie), 302);
  await haveCodeSent(connection, cookie);
  const recordBytes = async () => Number(await program.ask('record')) - RETURN_PATH.length;
  const pendingBytes = await recordBytes();
  await typeCode(connection, cookie, RETURN_PATH);
  return { pendingBytes, verifiedBytes: await recordBytes() };
}

/** Counts have no margin. */
function baseCount(
  ours: Counts,
  base: Counts,
  show: (counts: Counts) => string,
  keys: readonly (keyof Counts)[],
): Base {
  return { measured: show(base), ratio: '', verdict: verdictOf(keys.every((key) => ours[key] <= base[key])) };
}

function twilioCalls({ twilioPerSignIn, twilioPerRequest }: Counts): string {
  return `${twilioPerSignIn} / ${twilioPerRequest}`;
}

function otherCalls({ storeCalls, limiterCalls }: Counts): string {
  return `${storeCalls} / ${limiterCalls}`;
}

function bytes({ pendingBytes, verifiedBytes }: Counts): string {
  return `${pendingBytes} / ${verifiedBytes}`;
}
