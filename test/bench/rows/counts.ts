import { startApplications, startVerify } from '../applications.js';
import type { Build } from '../build.js';
import { Connection } from '../connection.js';
import { expect, haveCodeSent, logIn, signIn, typeCode } from '../sign-in.js';
import type { Row } from '../table.js';

const TIMES = 20;

/** What is counted, and held by the tests in `test/cost` too. */
export async function counts(build: Build): Promise<Row[]> {
  const { verify, env } = await startVerify(build);
  const ours = await startApplications(build, ['ours'], { ...env, COUNT_LIMITER_CALLS: 'yes' });
  const floor = await startApplications(build, ['floor'], env);
  const programs = { ours, floor };
  const connections = { ours: await Connection.open(ours.ready.ours), floor: await Connection.open(floor.ready.floor) };

  const calls = async (connection: Connection) => {
    const before = await verify.ask<number>('counts');
    let cookie = '';
    for (let time = 0; time < TIMES; time += 1) cookie = await signIn(connection);
    const signedIn = await verify.ask<number>('counts');
    for (let time = 0; time < TIMES; time += 1) expect(await connection.get('/account', cookie), 200);
    return [signedIn - before, (await verify.ask<number>('counts')) - signedIn].map((all) => all / TIMES);
  };
  const ourCalls = await calls(connections.ours);
  const floorCalls = await calls(connections.floor);

  const touched = async (side: 'ours' | 'floor') => {
    const cookie = await signIn(connections[side]);
    const before = await programs[side].ask<Touched>('touched');
    for (let time = 0; time < TIMES; time += 1) expect(await connections[side].get('/account', cookie), 200);
    const after = await programs[side].ask<Touched>('touched');
    return { store: (after.store - before.store) / TIMES, limiter: (after.limiter - before.limiter) / TIMES };
  };
  const [ourTouched, floorTouched] = [await touched('ours'), await touched('floor')];
  const more = ourTouched.store - floorTouched.store;

  const cookie = await logIn(connections.ours);
  // The longest way back that is kept.
  expect(await connections.ours.get(`/account?${'a'.repeat(191)}`, cookie), 302);
  await haveCodeSent(connections.ours, cookie);
  const pending = await ours.ask<number>('record');
  await typeCode(connections.ours, cookie, `/account?${'a'.repeat(191)}`);
  const verified = await ours.ask<number>('record');

  for (const connection of Object.values(connections)) connection.close();
  await Promise.all([ours, floor, verify].map((program) => program.stop()));
  return [
    {
      what: 'Twilio calls per sign-in / per gated request',
      ours: ourCalls.join(' / '),
      floor: floorCalls.join(' / '),
      ratio: '',
      target: '2 / 0',
      isReached: ourCalls.join() === '2,0',
    },
    {
      what: 'calls to the session store / to limiters per gated request',
      ours: `${ourTouched.store} / ${ourTouched.limiter}`,
      floor: `${floorTouched.store} / ${floorTouched.limiter}`,
      ratio: `${more} / ${ourTouched.limiter} more`,
      target: '0 / 0 more',
      isReached: more === 0 && ourTouched.limiter === 0,
    },
    {
      what: 'bytes in the session, pending / verified, with the longest way back',
      ours: `${pending} / ${verified}`,
      floor: '',
      ratio: '',
      target: '≤ 400 / ≤ 220',
      isReached: pending <= 400 && verified <= 220,
    },
  ];
}

interface Touched {
  readonly store: number;
  readonly limiter: number;
}
