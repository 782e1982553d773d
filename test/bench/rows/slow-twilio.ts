import { startApplications, startVerify } from '../applications.js';
import type { Build } from '../build.js';
import { Connection } from '../connection.js';
import { atRate, median, onEach, perSecond, warmUp } from '../rounds.js';
import { expect, logIn, signIn } from '../sign-in.js';
import { figure, type Row } from '../table.js';

/** What a call to the stub takes when it is to be slow. */
const DELAY_MS = 2_000;
const SIGN_INS = 500;
const WAVES = 3;
const USERS = 10;

/** A Twilio that takes two seconds for each call, when five hundred people come at once, three times. */
export async function slowTwilio(build: Build): Promise<Row> {
  const { verify, env } = await startVerify(build);
  const ours = await startApplications(build, ['ours'], env, ['--expose-gc']);
  const { ours: url } = ours.ready;
  const cookies = await onEach(url, USERS, signIn);
  const account = async (connection: Connection, user: number) =>
    expect(await connection.get('/account', cookies[user]), 200);
  await warmUp(2_500, [{ url, job: signIn }]);
  await warmUp(6_000, [{ url, job: account }]);
  await verify.ask('beSlow');
  // Half of what it can do: what is left has to do for the sign-ins.
  const rate = (await perSecond(url, USERS, 1_000, account)) / 2;
  const gated = () => atRate(url, USERS, rate, DELAY_MS * 2.5, account);

  const kept: number[] = [];
  const heap: number[] = [];
  let longestMs = 0;
  for (let wave = 0; wave < WAVES; wave += 1) {
    const before = await gated();
    const connections = await Promise.all(Array.from({ length: SIGN_INS }, () => Connection.open(url)));
    const sessions = await Promise.all(connections.map((connection) => logIn(connection)));
    const signIns = connections.map((connection, index) => longestOf(connection, sessions[index] ?? ''));
    const [meanwhile, ...longest] = await Promise.all([gated(), ...signIns]);
    longestMs = Math.max(longestMs, ...longest);
    kept.push(meanwhile / before);
    for (const connection of connections) connection.close();
    heap.push(await ours.ask<number>('memory'));
  }
  await ours.stop();
  await verify.stop();

  const ratio = median(kept);
  const growth = ((heap.at(-1) ?? 0) - (heap[0] ?? 0)) / (WAVES - 1);
  return {
    what: 'Twilio takes 2 s per call, 500 sign-ins at once, gated requests at half the full rate: longest request / rate that gated requests keep / heap per 500',
    ours: `${figure(longestMs / 1000)} s / ${figure(ratio)} / ${figure(growth)} MB`,
    floor: '',
    ratio: '',
    target: '≤ 6 s / ≥ 0.9 / flat (≤ 5 MB)',
    isReached: longestMs <= 6_000 && ratio >= 0.9 && growth <= 5,
  };
}

/** Sends a code and types it; the longest time that one of the requests took. */
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
    if (status !== 200 && status !== 303) throw new Error(`a sign-in was answered with ${status}`);
    longest = Math.max(longest, performance.now() - start);
  }
  return longest;
}
