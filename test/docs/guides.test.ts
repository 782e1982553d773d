import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startRedis } from '../distributed/support/redis-server.js';
import { packPackage } from '../package/support.js';
import { Client } from '../support/client.js';
import { find, REDIS_SERVER } from '../support/system-packages.js';
import { type Arrival, follow, typeErrorsIn } from './support/reader.js';
import { Visitor } from './support/visitor.js';

/** Guides are followed from an empty folder, with only the packed package and the packages that they install. */
describe('a reader who follows a guide', () => {
  const base = mkdtempSync(path.join(os.tmpdir(), 'guides-'));
  let tarball = '';
  before(async () => {
    tarball = path.join(base, (await packPackage(base)).filename);
  });
  after(() => rmSync(base, { recursive: true, force: true }));

  const arrive = async (
    test: { after(step: () => Promise<void>): void },
    route: Omit<Parameters<typeof follow>[0], 'tarball'>,
  ): Promise<Arrival> => {
    const arrival = await follow({ ...route, tarball });
    test.after(arrival.leave);
    return arrival;
  };

  it('the README signs in as alice, protects its routes, and passes its own test', async (test) => {
    const { urls, lastCode, output } = await arrive(test, {
      guide: 'README.md',
      sections: ['Install', 'Protect a route', 'Test without Twilio'],
    });
    const visitor = new Visitor('alice', lastCode);
    assert.equal(await visitor.open(String(urls[0])), 'Hello alice');
    assert.ok(visitor.seen.includes('/2fa/verify'), 'no one gets in without a code');
    assert.match(output('node --test app.test.mjs'), /^# pass 1$/m);
    const stranger = new Client(new URL(String(urls[0])).origin);
    assert.equal((await stranger.post('/transfer', {})).location, '/login');
  });

  it('the quick start signs in as alice, and registers a number as bob, in TypeScript and in JavaScript', async (test) => {
    const { folder, files, urls, lastCode } = await arrive(test, { guide: 'docs/quick-start.md' });
    assert.deepEqual(files, ['app.ts', 'app.js']);
    assert.equal(typeErrorsIn({ folder, files }), '');
    assert.equal(urls.length, 2);
    for (const url of urls) {
      for (const name of ['alice', 'bob']) {
        const visitor = new Visitor(name, lastCode);
        assert.equal(await visitor.open(url), `Hello ${name}`);
        assert.ok(visitor.seen.includes('/2fa/verify'), 'no one gets in without a code');
        assert.equal(visitor.seen.includes('/2fa/register'), name === 'bob');
      }
    }
  });

  it('the guide to Nest signs in as alice, and registers a number as bob, as ES module and CommonJS', async (test) => {
    const arrival = await arrive(test, { guide: 'docs/nestjs.md' });
    assert.equal(typeErrorsIn(arrival), '');
    assert.equal(arrival.urls.length, 2);
    for (const url of arrival.urls) {
      for (const name of ['alice', 'bob']) {
        const visitor = new Visitor(name, arrival.lastCode);
        assert.equal(await visitor.open(url), `Hello ${name}`);
        assert.ok(visitor.seen.includes('/2fa/verify'), 'no one gets in without a code');
      }
    }
  });

  it('the guide to Fastify signs in as alice by JSON', async (test) => {
    const arrival = await arrive(test, { guide: 'docs/fastify.md' });
    assert.equal(typeErrorsIn(arrival), '');
    const client = new Client(new URL(String(arrival.urls[0])).origin);
    const json = { accept: 'application/json' };
    await client.postJson('/login', { name: 'alice', password: 'alice' }, json);
    assert.equal((await client.get('/account', json)).status, 401);
    assert.equal((await client.postJson('/2fa/start', { method: 'sms' }, json)).status, 200);
    const { text } = await client.postJson('/2fa/check', { code: await arrival.lastCode() }, json);
    assert.equal(JSON.parse(text).type, 'approved');
    assert.doesNotMatch(text, /password|phone/i, 'nothing of the user');
    assert.equal((await client.get('/account', json)).text, 'Hello alice');
  });

  it('the guide to the headless API signs in as alice, and registers a number as bob', async (test) => {
    const arrival = await arrive(test, { guide: 'docs/headless.md' });
    assert.equal(typeErrorsIn(arrival), '');
    const phoneNumber = '+12025550177';
    for (const { name, send } of [
      { name: 'alice', send: ['start', { method: 'sms' }] },
      { name: 'bob', send: ['register', { phoneNumber, method: 'sms' }] },
    ] as const) {
      const client = new Client(new URL(String(arrival.urls[0])).origin, { isDescribed: false });
      await client.postJson('/login', { username: name, password: name });
      assert.equal((await client.get('/account')).status, 401);
      const [step, body] = send;
      const sent = await client.postJson(`/2fa/${step}`, body);
      assert.equal(JSON.parse(sent.text).type, 'sent');
      const refused = await client.postJson('/2fa/check', { code: '1' });
      assert.equal(JSON.parse(refused.text).code, 'code_malformed');
      const { text } = await client.postJson('/2fa/check', { code: await arrival.lastCode() });
      assert.equal(JSON.parse(text).type, 'approved');
      assert.doesNotMatch(text, /password|phone/i, 'nothing of the user');
      assert.deepEqual(JSON.parse((await client.get('/account')).text), { name });
      assert.equal((await client.postJson('/transfer', {})).status, 204);
      assert.equal(JSON.parse((await client.get('/2fa')).text).isVerified, true);
    }
  });

  it('the guides to testing and the emulator see tests pass in each runner, and send a code with curl and an SDK', async (test) => {
    const { folder, files, output } = await arrive(test, {
      guide: 'docs/emulator.md',
      startsFrom: { guide: 'docs/testing.md' },
    });
    assert.match(output('npx tsx --test app.test.ts'), /^# pass 3$/m);
    assert.match(output('npx tsx --test many-sign-ins.test.ts'), /^# pass 1$/m);
    assert.match(output('npx tsx --test resend.test.ts'), /^# pass 1$/m);
    assert.match(output('npx vitest run'), /Tests +1 passed/);
    assert.match(output('npx jest'), /Tests: +1 passed, 1 total/);
    assert.match(output('curl'), /"status":\s*"pending"/);
    assert.equal(output('send.mjs'), 'pending\n');
    assert.equal(typeErrorsIn({ folder, files }), '');
  });

  const skip = find(REDIS_SERVER) === undefined ? 'redis-server is missing' : false;
  it('the guide to Redis signs in at one process and types the code at another', { skip }, async (test) => {
    const redis = await startRedis();
    test.after(() => redis.stop());
    const env = { REDIS_URL: redis.url };
    const { folder, files, urls, lastCode } = await arrive(test, {
      guide: 'docs/scaling.md',
      sections: ['With Redis'],
      startsFrom: { guide: 'docs/quick-start.md', sections: ['1. Install', 'In TypeScript'] },
      env,
    });
    assert.equal(typeErrorsIn({ folder, files }), '');
    assert.equal(urls.length, 2);
    const [second = '', first = ''] = urls;
    const visitor = new Visitor('alice', () => Promise.reject(new Error('the phone is elsewhere')));
    await assert.rejects(visitor.open(first), /the phone is elsewhere/);
    visitor.readCode = lastCode;
    const page = await visitor.open(new URL('/2fa/verify', second).href);
    assert.match(page, /^Hello alice, from process \d+$/);
    assert.notEqual(await visitor.look(first), page, 'two processes have answered');
  });
});
