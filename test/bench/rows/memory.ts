import { startApplications, startVerify } from '../applications.js';
import type { Subject } from '../build.js';
import { compareSamples, onEach, perSecond } from '../rounds.js';
import type { ApplicationName } from '../servers/applications.js';
import { haveCodeSent, logIn, signIn } from '../sign-in.js';
import { baseOf, figure, type Row, verdictOf } from '../table.js';

const WAVES = 4;
const SIGN_INS_PER_WAVE = 2_500;
const MAX_HELD_MB = 40;
const MAX_KEPT_MB = 2;

/** The heap of sign-ins that wait for their code, in addition to their sessions. */
export async function memory(subject: Subject): Promise<Row> {
  const ours = await heapOf(subject, 'ours');
  const base = subject.base ? await heapOf(subject, 'base') : undefined;
  const signIns = (WAVES * SIGN_INS_PER_WAVE).toLocaleString('en');
  return {
    what: `heap of ${signIns} pending sign-ins, limits in memory / after they expire`,
    measured: `ours: ${show(ours)}`,
    reference: `their sessions: ${figure(ours.sessions)} MB`,
    target: {
      text: `≤ ${MAX_HELD_MB} MB / ≤ ${MAX_KEPT_MB} MB`,
      verdict: verdictOf(sum(ours.held) <= MAX_HELD_MB && ours.kept <= MAX_KEPT_MB),
    },
    base: base && baseOf(compareSamples(ours.held, base.held), 'lower', show(base)),
  };
}

/** In megabytes. */
interface Heap {
  /** Of each wave, without sessions. */
  readonly held: readonly number[];
  readonly sessions: number;
  /** Of all waves, after they expire. */
  readonly kept: number;
}

async function heapOf(subject: Subject, name: ApplicationName): Promise<Heap> {
  const { verify, env } = await startVerify(subject);
  const program = await startApplications(subject, [name], { ...env, EXPIRE_ON_DEMAND: 'yes' }, ['--expose-gc']);
  const url = program.ready[name];
  const heap = () => program.ask<number>('memory');
  // Load all code and let V8 compile it.
  await perSecond(url, 10, 2_000, signIn);
  await program.ask('forgetSessions');
  await program.ask('expire');

  const before = await heap();
  const held: number[] = [];
  let sessions = 0;
  for (let wave = 0; wave < WAVES; wave += 1) {
    await startSignIns(url);
    const full = await heap();
    await program.ask('forgetSessions');
    const withoutSessions = await heap();
    sessions += full - withoutSessions;
    held.push(withoutSessions - before - sum(held));
  }
  await program.ask('expire');
  const kept = Math.max(0, (await heap()) - before);
  await program.stop();
  await verify.stop();
  return { held, sessions, kept };
}

async function startSignIns(url: string): Promise<void> {
  let started = 0;
  await onEach(url, 20, async (connection) => {
    while (started < SIGN_INS_PER_WAVE) {
      started += 1;
      await haveCodeSent(connection, await logIn(connection));
    }
  });
}

function show({ held, kept }: Heap): string {
  return `${figure(sum(held))} MB / ${figure(kept)} MB`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
