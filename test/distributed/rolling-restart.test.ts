import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Client } from '../support/client.js';
import { type AppProcess, EXAMPLE, FIFTY_USERS } from './support/app-process.js';
import { Balancer } from './support/balancer.js';
import { eventually } from './support/eventually.js';
import { at, type Site, startSite } from './support/site.js';

const USERS = 50;
// A separate connection for each request, as most proxies have it.
const ALONE = { connection: 'close' };

describe('a rolling restart', () => {
  it('loses none of fifty users who sign in meanwhile', async () => {
    const messages = new Map<string, number>();
    const site = await startSite(FIFTY_USERS, {
      emulator: { onMessage: ({ to }) => void messages.set(to, (messages.get(to) ?? 0) + 1) },
      env: { SENDS_PER_USER: '1000' },
    });
    const { one, other, emulator } = site;
    // Twilio takes its time: whenever a process receives a signal to end, a user waits for its answer.
    emulator.fail({ call: 'check', delayMs: 100, times: Number.POSITIVE_INFINITY });
    const balancer = new Balancer([one.url, other.url]);

    let isOver = false;
    const signIns = new Map<string, number>();
    const users = Array.from({ length: USERS }, async (_, id) => {
      const phone = `+120255501${String(id).padStart(2, '0')}`;
      do {
        await signIn(site, balancer, String(id), phone);
        signIns.set(phone, (signIns.get(phone) ?? 0) + 1);
      } while (!isOver);
    });

    const restarts = (async () => {
      for (const app of [one, other]) await restart(site, balancer, app);
    })().finally(() => {
      isOver = true;
    });
    await Promise.all([restarts, ...users]);

    assert.equal(signIns.size, USERS);
    assert.ok(balancer.movedOn > 0, 'there was load while a process was away');
    assert.deepEqual(messages, signIns, 'no request was taken by a process that did not answer it');
  });

  it('the example answers a request that waits for Twilio before it exits', async () => {
    const site = await startSite(EXAMPLE);
    const { one, other, emulator } = site;
    const browser = one.client();
    await browser.post('/login', { username: 'alice', password: 'alice' }, ALONE);
    await browser.post('/2fa', { method: 'sms' }, ALONE);
    const code = await emulator.codeFor('+12025550123');

    const slow = emulator.fail({ call: 'check', delayMs: 1_000 });
    const answer = browser.post('/2fa/verify', { code }, ALONE);
    await eventually(async () => assert.equal(slow.hits, 1));
    one.signal('SIGTERM');
    assert.equal((await answer).location, '/account');
    assert.equal(await one.exit(), 0);
    assert.equal((await at(other, browser).get('/account')).status, 200);
  });
});

/** From the sign-in to the protected page, with one typo. */
async function signIn({ emulator }: Site, balancer: Balancer, id: string, phone: string): Promise<void> {
  const browser = new Client('http://127.0.0.1');
  const get = (path: string) => balancer.send(browser, (client) => client.get(path, ALONE));
  const post = (path: string, form: Record<string, string> = {}) =>
    balancer.send(browser, (client) => client.post(path, form, ALONE));

  assert.equal((await post(`/login/${id}`)).location, '/account');
  assert.equal((await get('/account')).location, '/2fa');
  assert.equal((await get('/2fa')).status, 200);
  assert.equal((await post('/2fa', { method: 'sms' })).location, '/2fa/verify');
  assert.equal((await get('/2fa/verify')).status, 200);
  const code = await emulator.codeFor(phone);
  const slip = code.replace(/\d$/, (digit) => String((Number(digit) + 1) % 10));
  assert.equal((await post('/2fa/verify', { code: slip })).location, '/2fa/verify');
  assert.equal((await post('/2fa/verify', { code })).location, '/account');
  assert.equal((await get('/account')).text, `account of ${id}`);
}

/** Ends a process that is at work, and starts it again. */
async function restart(site: Site, balancer: Balancer, app: AppProcess): Promise<void> {
  await eventually(async () => assert.ok(balancer.waitingAt(app.url) > 5));
  app.signal('SIGTERM');
  assert.equal(await app.exit(), 0);
  await site.start(app.port);
}
