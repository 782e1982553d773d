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

  it('the quick start signs in as alice, and registers a number as bob', async (test) => {
    const { folder, files, urls, lastCode } = await arrive(test, { guide: 'docs/quick-start.md' });
    assert.deepEqual(files, ['app.ts']);
    assert.equal(typeErrorsIn({ folder, files }), '');
    for (const name of ['alice', 'bob']) {
      const visitor = new Visitor(name, lastCode);
      assert.equal(await visitor.open(String(urls[0])), `Hello ${name}`);
      assert.ok(visitor.seen.includes('/2fa/verify'), 'nobody gets in without a code');
      assert.equal(visitor.seen.includes('/2fa/register'), name === 'bob');
    }
  });

  it('the guide to Nest signs in as alice, and registers a number as bob', async (test) => {
    const arrival = await arrive(test, { guide: 'docs/nest-and-fastify.md', sections: ['Nest'] });
    assert.equal(typeErrorsIn(arrival), '');
    for (const name of ['alice', 'bob']) {
      const visitor = new Visitor(name, arrival.lastCode);
      assert.equal(await visitor.open(String(arrival.urls[0])), `Hello ${name}`);
      assert.ok(visitor.seen.includes('/2fa/verify'), 'nobody gets in without a code');
    }
  });

  it('the guide to Fastify signs in as alice by JSON', async (test) => {
    const arrival = await arrive(test, { guide: 'docs/nest-and-fastify.md', sections: ['Fastify'] });
    assert.equal(typeErrorsIn(arrival), '');
    const program = new Client(new URL(String(arrival.urls[0])).origin);
    const json = { accept: 'application/json' };
    await program.postJson('/login', { name: 'alice', password: 'alice' }, json);
    assert.equal((await program.get('/account', json)).status, 401);
    assert.equal((await program.postJson('/second-step/start', { method: 'sms' }, json)).status, 200);
    const { text } = await program.postJson('/second-step/check', { code: await arrival.lastCode() }, json);
    assert.equal(JSON.parse(text).type, 'approved');
    assert.doesNotMatch(text, /password|phone/i, 'nothing of the user');
    assert.equal((await program.get('/account', json)).text, 'Hello alice');
  });

  it('the guide to JSON signs in as alice, and registers a number as bob, without the router', async (test) => {
    const arrival = await arrive(test, {
      guide: 'docs/json-and-single-page-apps.md',
      sections: ['Without the router'],
    });
    assert.equal(typeErrorsIn(arrival), '');
    const phoneNumber = '+12025550177';
    for (const { name, send } of [
      { name: 'alice', send: ['start', { method: 'sms' }] },
      { name: 'bob', send: ['register', { phoneNumber, method: 'sms' }] },
    ] as const) {
      const program = new Client(new URL(String(arrival.urls[0])).origin);
      await program.postJson('/login', { username: name, password: name });
      assert.equal((await program.get('/account')).status, 401);
      const [step, body] = send;
      const sent = await program.postJson(`/second-step/${step}`, body);
      assert.equal(JSON.parse(sent.text).type, 'sent');
      const refused = await program.postJson('/second-step/check', { code: '1' });
      assert.equal(JSON.parse(refused.text).code, 'code_malformed');
      const { text } = await program.postJson('/second-step/check', { code: await arrival.lastCode() });
      assert.equal(JSON.parse(text).type, 'approved');
      assert.doesNotMatch(text, /password|phone/i, 'nothing of the user');
      assert.deepEqual(JSON.parse((await program.get('/account')).text), { name });
      assert.equal((await program.postJson('/transfer', {})).status, 204);
      assert.equal(JSON.parse((await program.get('/second-step')).text).isVerified, true);
    }
  });

  it('the guide to testing sees the tests pass in each runner', async (test) => {
    const { folder, files, output } = await arrive(test, { guide: 'docs/testing.md' });
    assert.match(output('npx tsx --test app.test.ts'), /^# pass 3$/m);
    assert.match(output('npx tsx --test many-sign-ins.test.ts'), /^# pass 1$/m);
    assert.match(output('npx tsx --test resend.test.ts'), /^# pass 1$/m);
    assert.match(output('npx vitest run'), /Tests +1 passed/);
    assert.match(output('npx jest'), /Tests: +1 passed, 1 total/);
    assert.equal(typeErrorsIn({ folder, files }), '');
  });

  const skip = find(REDIS_SERVER) === undefined ? 'redis-server is missing' : false;
  it('the guide to Redis signs in at one process and types the code at another', { skip }, async (test) => {
    const redis = await startRedis();
    test.after(() => redis.stop());
    const env = { REDIS_URL: redis.url };
    const { folder, files, urls, lastCode } = await arrive(test, {
      guide: 'docs/sessions.md',
      sections: ['With Redis'],
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
