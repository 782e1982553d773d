import assert from 'node:assert/strict';
import net from 'node:net';
import { before, describe, it } from 'node:test';
import type { Client } from '../../support/client.js';
import { addUser, recordOf, waitForCode } from '../../support/second-step.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';

/** Sends a request whose target is written unchanged, which ordinary HTTP clients never do. */
function rawGet(app: TestApp, target: string, browser: Client): Promise<string> {
  const { hostname, port, host } = new URL(app.url);
  const cookies = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  return new Promise((resolve, reject) => {
    const socket = net.connect(Number(port), hostname);
    let text = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.once('error', reject);
    socket.once('close', () => resolve(text));
    socket.write(
      `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nAccept: text/html\r\nCookie: ${cookies}\r\nConnection: close\r\n\r\n`,
      'latin1',
    );
  });
}

describe('the return path to the page that the strategy stopped', () => {
  let app: TestApp;
  before(async () => {
    app = await startTestApp({
      // Protects every path, so that a target of any form reaches the strategy.
      routes: (express, passport) => {
        express.use((req, res, next) => {
          if (/^\/2fa/.test(req.path)) return next();
          passport.authenticate('twilio-2fa')(req, res, next);
        });
      },
    });
  });

  // test/unit/request/return-path.test.ts has the other targets that are kept, or not.
  for (const target of ['/a/b?c=d&e=%20f', `/${'a'.repeat(2_047)}`]) {
    it(`the session keeps ${target.slice(0, 40)} (${target.length} characters)`, async () => {
      const browser = await app.signedIn(addUser(app).id);
      assert.match(await rawGet(app, target, browser), /^HTTP\/1\.1 302 [\s\S]*location: \/2fa\r\n/i);
      assert.equal((await recordOf(app, browser)).returnTo?.path, target);
    });
  }

  const dropped = [
    { name: 'another host', target: '//evil.example' },
    { name: 'the form of a proxy request', target: 'http://evil.example/account' },
    { name: 'more than 2,048 characters', target: `/${'a'.repeat(2_048)}` },
  ];
  for (const { name, target } of dropped) {
    it(`the session keeps no return path with ${name}`, async () => {
      const browser = await app.signedIn(addUser(app).id);
      const answer = await rawGet(app, target, browser);
      assert.match(answer, /^HTTP\/1\.1 302 [\s\S]*location: \/2fa\r\n/i);
      assert.equal((await recordOf(app, browser)).returnTo, undefined);
    });
  }

  it('a page that is not kept replaces one that was: the user does not land on a page of long ago', async () => {
    const user = addUser(app);
    const browser = await app.signedIn(user.id);
    await browser.get('/account');
    await rawGet(app, `/${'a'.repeat(3_000)}`, browser);
    await browser.post('/2fa', { method: 'sms' });
    const code = await app.emulator.codeFor(user.phone);
    const answer = await browser.post('/2fa/verify', { code });
    assert.equal(answer.location, '/2fa/success');
  });

  it('the remembered page stays while a code is pending', async () => {
    const user = addUser(app);
    const browser = await app.signedIn(user.id);
    await browser.get('/account?tab=1');
    await browser.post('/2fa', { method: 'sms' });
    for (const path of ['/elsewhere', `/${'a'.repeat(3_000)}`]) {
      const { status, location } = await browser.get(path);
      assert.deepEqual([status, location], [302, '/2fa']);
    }
    const code = await app.emulator.codeFor(user.phone);
    assert.equal((await browser.post('/2fa/verify', { code })).location, '/account?tab=1');
  });

  it('the remembered page is replaced again after the code was canceled', async () => {
    const { browser } = await waitForCode(app);
    await browser.get('/account');
    await browser.post('/2fa/cancel');
    await browser.get('/elsewhere');
    assert.equal((await recordOf(app, browser)).returnTo?.path, '/elsewhere');
  });

  it('the return path comes from the session alone: nothing in a URL or a form changes it', async () => {
    const { browser, code } = await waitForCode(app);
    await browser.get('/account');
    const plants = { next: 'https://evil.example', returnTo: '//evil.example', redirect: '/\\evil.example' };
    const query = new URLSearchParams(plants).toString();
    await browser.get(`/2fa?${query}`);
    const answer = await browser.post(`/2fa/verify?${query}`, { code, ...plants });
    assert.equal(answer.location, '/account');
  });
});
