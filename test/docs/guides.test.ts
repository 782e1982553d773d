import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startRedis } from '../distributed/support/redis-server.js';
import { packPackage } from '../package/support.js';
import { find, REDIS_SERVER } from '../support/system-packages.js';
import { type Arrival, follow, typeErrorsIn } from './support/reader.js';
import { Visitor } from './support/visitor.js';

/** Guides are followed from an empty folder, with the packed package and what they say to install, and nothing else. */
describe('whoever follows', () => {
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
