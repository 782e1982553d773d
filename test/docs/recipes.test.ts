import assert from 'node:assert/strict';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { Express, Request, RequestHandler } from 'express';
import { Strategy } from 'passport';
import { Strategy as LocalStrategy } from 'passport-local';
import { Client } from '../support/client.js';
import { startTestApp, type TestApp, type TestUser } from '../support/test-app.js';
import type { Block } from './support/markdown.js';
import { blockOf, exportsOf } from './support/recipe.js';

const JSON_ONLY = { accept: 'application/json' };
const servers: Server[] = [];
after(() => {
  for (const server of servers) server.close();
});

/** Runs a block with a session secret, which the other tests of this process don't see. */
function appOf(block: Block, modules: Readonly<Record<string, unknown>>): Express {
  process.env.SESSION_SECRET = 'secret';
  try {
    return exportsOf<{ app: Express }>(block, modules).app;
  } finally {
    delete process.env.SESSION_SECRET;
  }
}

/** Starts an app of a guide, and returns a client of it. */
async function clientOf(app: Express): Promise<Client> {
  const server = app.listen(0, '127.0.0.1');
  servers.push(server);
  await new Promise((resolve) => server.once('listening', resolve));
  return new Client(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

/** Reads tokens that are the ID of their user. */
class TokenStrategy extends Strategy {
  constructor(private readonly users: ReadonlyMap<string, TestUser>) {
    super();
  }

  override authenticate(req: Request): void {
    const user = this.users.get(req.headers.authorization ?? '');
    if (user) this.success(user);
    else this.fail(401);
  }
}

describe('the recipe for htmx', () => {
  let site: TestApp;
  before(async () => {
    site = await startTestApp({
      routes: (app, passport) => {
        const block = blockOf('docs/protect-routes.md', 'htmx and Turbo', 'ts');
        const { recentForHtmx } = exportsOf<{ recentForHtmx(page: string): RequestHandler }>(block, { passport });
        app.post('/transfer', recentForHtmx('/account'), (_req, res) => void res.send('done'));
      },
    });
  });

  it('htmx gets the page that contains the button', async () => {
    const { status, headers } = await (await site.signedIn('ann')).post('/transfer', {}, { 'hx-request': 'true' });
    assert.deepEqual([status, headers['hx-redirect']], [200, '/account']);
  });

  it('every other unverified request gets 401', async () => {
    assert.equal((await (await site.signedIn('ann')).post('/transfer')).status, 401);
  });

  it('a verified user continues', async () => {
    assert.equal((await (await site.verified('ann')).post('/transfer')).text, 'done');
  });
});

describe('the recipe for a token after the verification', () => {
  let site: TestApp;
  let client: Client;
  before(async () => {
    site = await startTestApp();
    const { passport, strategy, users } = site;
    passport.use(new LocalStrategy((name, _password, done) => done(null, users.get(name) ?? false)));
    const block = blockOf('docs/jwt-and-mobile.md', 'Issue a token after the verification', 'ts');
    const signToken = async (claims: object) => JSON.stringify(claims);
    const modules = { passport, './two-factor.js': { twoFactor: strategy }, './tokens.js': { signToken } };
    client = await clientOf(appOf(block, modules));
  });

  it('a user gets a token after the code only, and the session ends', async () => {
    assert.equal((await client.postJson('/login', { username: 'ann', password: 'x' })).status, 204);
    assert.equal((await client.postJson('/token', {})).status, 401);
    await client.postJson('/2fa', { method: 'sms' }, JSON_ONLY);
    const code = await site.emulator.codeFor('+12025550123');
    assert.equal((await client.postJson('/2fa/verify', { code }, JSON_ONLY)).status, 200);
    const { token } = JSON.parse((await client.postJson('/token', {})).text);
    const { sub, amr, auth_time } = JSON.parse(token);
    assert.deepEqual([sub, amr, typeof auth_time], ['ann', ['pwd', 'sms'], 'number']);
    assert.equal((await client.postJson('/token', {})).status, 401);
  });
});

describe('the recipe for a session next to a token', () => {
  let site: TestApp;
  let client: Client;
  before(async () => {
    site = await startTestApp();
    const { passport, strategy, users } = site;
    passport.use('jwt', new TokenStrategy(users));
    const block = blockOf('docs/jwt-and-mobile.md', 'Keep the session next to a token', 'ts');
    const modules = { passport, './two-factor.js': { twoFactor: strategy } };
    client = await clientOf(appOf(block, modules));
  });

  it('the verification belongs to the user of the token', async () => {
    const ann = { ...JSON_ONLY, authorization: 'ann' };
    assert.equal((await client.get('/account', JSON_ONLY)).status, 401);
    assert.equal((await client.get('/account', ann)).status, 401);
    await client.postJson('/2fa', { method: 'sms' }, ann);
    const code = await site.emulator.codeFor('+12025550123');
    assert.equal((await client.postJson('/2fa/verify', { code }, ann)).status, 200);
    assert.equal((await client.get('/account', ann)).status, 200);
    assert.equal((await client.get('/account', { ...JSON_ONLY, authorization: 'eve' })).status, 401);
    assert.equal((await client.get('/account', ann)).status, 401);
  });
});
