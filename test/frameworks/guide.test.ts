import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { follow, typeErrorsIn } from '../docs/support/reader.js';
import { Visitor } from '../docs/support/visitor.js';
import { packPackage } from '../package/support.js';
import { Client } from '../support/client.js';

const GUIDE = 'docs/nest-and-fastify.md';

describe('whoever follows the guide', () => {
  const base = mkdtempSync(path.join(os.tmpdir(), 'guides-'));
  let tarball = '';
  before(async () => {
    tarball = path.join(base, (await packPackage(base)).filename);
  });
  after(() => rmSync(base, { recursive: true, force: true }));

  it('to Nest signs in as alice, and registers a number as bob', async (test) => {
    const { folder, files, urls, lastCode, leave } = await follow({ guide: GUIDE, sections: ['Nest'], tarball });
    test.after(leave);
    assert.equal(typeErrorsIn({ folder, files }), '');
    for (const name of ['alice', 'bob']) {
      const visitor = new Visitor(name, lastCode);
      assert.equal(await visitor.open(String(urls[0])), `Hello ${name}`);
      assert.ok(visitor.seen.includes('/2fa/verify'), 'nobody gets in without a code');
      assert.equal(visitor.seen.includes('/2fa/register'), name === 'bob');
    }
  });

  it('to Fastify signs in as alice, and registers a number as bob', async (test) => {
    const { folder, files, urls, lastCode, leave } = await follow({ guide: GUIDE, sections: ['Fastify'], tarball });
    test.after(leave);
    assert.equal(typeErrorsIn({ folder, files }), '');
    const number = { phoneNumber: '(202) 555-0124', method: 'sms' };
    for (const { name, path: step, body } of [
      { name: 'alice', path: 'start', body: { method: 'sms' } },
      { name: 'bob', path: 'register', body: number },
    ]) {
      const client = new Client(new URL(String(urls[0])).origin);
      const post = async (to: string, value: object) => JSON.parse((await client.postJson(to, value)).text);
      const account = () => client.get('/account', { accept: 'application/json' });
      assert.equal((await client.postJson('/login', { name, password: 'wrong' })).status, 401);
      assert.deepEqual(await post('/login', { name, password: name }), { name });
      assert.equal((await account()).status, 401);
      assert.equal((await post(`/second-step/${step}`, body)).type, 'sent');
      assert.equal((await post('/second-step/check', { code: 'none' })).code, 'code_malformed');
      assert.equal((await post('/second-step/check', { code: await lastCode() })).type, 'approved');
      assert.equal((await account()).text, `Hello ${name}`);
      assert.equal((await client.postJson('/transfer', {})).text, 'Done');
      await client.postJson('/logout', {});
      assert.equal((await account()).status, 401);
    }
  });
});
