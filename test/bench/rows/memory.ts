import { startApplications, startVerify } from '../applications.js';
import type { Build } from '../build.js';
import { onEach, perSecond } from '../rounds.js';
import { haveCodeSent, logIn, signIn } from '../sign-in.js';
import { figure, type Row } from '../table.js';

const SIGN_INS = 10_000;
const TARGET_MB = 40;

/** What the heap holds of sign-ins that wait for their code, beside their sessions. */
export async function memory(build: Build): Promise<Row> {
  const { verify, env } = await startVerify(build);
  const ours = await startApplications(build, ['ours'], { ...env, EXPIRE_ON_DEMAND: 'yes' }, ['--expose-gc']);
  const heap = async () => ours.ask<number>('memory');
  // All is loaded, and the functions are compiled.
  await perSecond(ours.ready.ours, 10, 2_000, signIn);
  await ours.ask('forgetSessions');
  await ours.ask('expire');

  const before = await heap();
  let started = 0;
  await onEach(ours.ready.ours, 20, async (connection) => {
    while (started < SIGN_INS) {
      started += 1;
      await haveCodeSent(connection, await logIn(connection));
    }
  });
  const full = await heap();
  await ours.ask('forgetSessions');
  const withoutSessions = await heap();
  await ours.ask('expire');
  const after = await heap();
  await ours.stop();
  await verify.stop();

  const [held, kept] = [withoutSessions - before, after - before];
  return {
    what: `heap of ${SIGN_INS.toLocaleString('en')} pending sign-ins, limits in memory / when they have expired`,
    ours: `${figure(held)} MB / ${figure(Math.max(0, kept))} MB`,
    floor: `${figure(full - withoutSessions)} MB of sessions`,
    ratio: '',
    target: `≤ ${TARGET_MB} MB beside the sessions / given back (≤ 2 MB)`,
    isReached: held <= TARGET_MB && kept <= 2,
  };
}
