import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { MethodDisplay, MethodDisplayContext } from 'passport-twilio-verify';
import type { Client } from '../../support/client.js';
import { assertRefuses, assertSays } from '../../support/page.js';
import { startTestApp, type TestOptions } from '../../support/test-app.js';

const start = (twoFactor: TestOptions) => startTestApp({ twoFactor });

/** The methods that a page offers, in its order. */
async function offered(browser: Client, path = '/2fa'): Promise<string[]> {
  const { text } = await browser.get(path);
  return [...text.matchAll(/name="method" value="(\w+)"/g)].map(([, method]) => method ?? '');
}

describe('option "allowedMethods"', () => {
  it('allowedMethods offers all methods except email by default', async () => {
    const app = await start({});
    const browser = await app.signedIn('eve');
    assert.deepEqual(await offered(browser), ['sms', 'call', 'whatsapp']);
    assert.equal((await browser.post('/2fa', { method: 'email' })).status, 422);
    assert.deepEqual(app.emulator.messages(), []);
  });

  it('allowedMethods offers and accepts only the methods of a list, in its order', async () => {
    const app = await start({ allowedMethods: ['email', 'call'] });
    const browser = await app.signedIn('eve');
    assert.deepEqual(await offered(browser), ['email', 'call']);
    assertSays((await browser.get('/2fa')).text, 'start.lead.endingOrEmail', {
      digits: '0199',
      email: 'e•••@example.com',
    });
    for (const method of ['sms', 'whatsapp']) assert.equal((await browser.post('/2fa', { method })).status, 422);
    assert.deepEqual(app.emulator.messages(), []);
    assert.equal((await browser.post('/2fa', { method: 'call' })).location, '/2fa/verify');
    assert.equal(app.emulator.messages().at(-1)?.channel, 'call');
  });

  it('allowedMethods calls a callback for every user', async () => {
    const app = await start({
      allowedMethods: async ({ user, req }) => (req.session && user.id === 'eve' ? ['whatsapp'] : undefined),
    });
    assert.deepEqual(await offered(await app.signedIn('eve')), ['whatsapp']);
    assert.deepEqual(await offered(await app.signedIn('ann')), ['sms', 'call', 'whatsapp']);
  });

  it('allowedMethods limits the methods for a new number', async () => {
    const app = await start({ allowedMethods: ['sms', 'call', 'email'] });
    assert.deepEqual(await offered(await app.signedIn('ben'), '/2fa/register'), ['sms', 'call']);
  });

  it('a page shows the reason if no allowed method reaches the user', async () => {
    const app = await start({ allowedMethods: [] });
    const browser = await app.signedIn('ann');
    assert.equal((await browser.get('/2fa')).location, '/2fa/failed');
    assertRefuses((await browser.get('/2fa/failed')).text, 'no_method');
  });
});

describe('option "email"', () => {
  const allowedMethods = ['sms', 'email'] as const;

  it('email is the recipient of codes by email', async () => {
    const app = await start({ allowedMethods, email: ({ user }) => `${user.id}@mail.example` });
    const browser = await app.signedIn('ann');
    assert.deepEqual(await offered(browser), ['sms', 'email']);
    await browser.post('/2fa', { method: 'email' });
    const code = await app.emulator.codeFor('ann@mail.example');
    assert.equal((await browser.post('/2fa/verify', { code })).location, '/2fa/success');
  });

  for (const { name, email } of [
    { name: 'nothing', email: undefined },
    { name: 'something that is no address', email: 'ann at home' },
    { name: 'two addresses', email: 'ann@example.com,eve@example.com @x' },
  ]) {
    it(`email is not offered if the callback returns ${name}`, async () => {
      const app = await start({ allowedMethods, email: () => email });
      const browser = await app.signedIn('ann');
      assert.deepEqual(await offered(browser), ['sms']);
      assert.equal((await browser.post('/2fa', { method: 'email' })).status, 422);
      assert.deepEqual(app.emulator.messages(), []);
    });
  }

  it('a user with an email address signs in with it and cannot register a number instead', async () => {
    const app = await start({ allowedMethods, email: ({ user }) => `${user.id}@mail.example` });
    const browser = await app.signedIn('ben');
    assert.deepEqual(await offered(browser), ['email']);
    assert.equal((await browser.get('/2fa/register')).location, '/2fa');
  });
});

describe('option "methodDisplay"', () => {
  const page = async (methodDisplay?: (context: MethodDisplayContext) => MethodDisplay | undefined) => {
    const app = await start({ allowedMethods: ['sms', 'call'], ...(methodDisplay ? { methodDisplay } : {}) });
    const { text } = await (await app.signedIn('ann')).get('/2fa');
    // The part of the page for one method, from its radio button on.
    return (method: string) => text.split(`value="${method}"`)[1]?.split('</label>')[0] ?? '';
  };

  it('methodDisplay has default labels and inline icons', async () => {
    const choice = await page();
    assert.match(choice('sms'), /<svg.*Text message/s);
    assert.match(choice('call'), /<svg.*Phone call/s);
  });

  it('methodDisplay changes the label of one method', async () => {
    const choice = await page(({ method }) => (method === 'sms' ? { label: 'Textnachricht <SMS>' } : undefined));
    assert.match(choice('sms'), /<svg.*Textnachricht &lt;SMS&gt;/s);
    assert.doesNotMatch(choice('sms'), /Text message/);
    assert.match(choice('call'), /Phone call/);
  });

  it('methodDisplay accepts CSS classes for the icon', async () => {
    const choice = await page(({ method }) => (method === 'call' ? { icon: 'fas fa-phone' } : {}));
    assert.match(choice('call'), /<i class="fas fa-phone" aria-hidden="true"><\/i>.*Phone call/s);
    assert.doesNotMatch(choice('call'), /<svg/);
    assert.match(choice('sms'), /<svg/);
  });

  it('methodDisplay shows no icon for null', async () => {
    const choice = await page(({ method }) => (method === 'call' ? { icon: null } : {}));
    assert.doesNotMatch(choice('call'), /<svg|<i[ >]/);
    assert.match(choice('call'), /Phone call/);
  });

  it('methodDisplay receives the method and the language of the page', async () => {
    const contexts: MethodDisplayContext[] = [];
    await page((context) => {
      contexts.push(context);
      return undefined;
    });
    assert.deepEqual(contexts, [
      { method: 'sms', locale: 'en' },
      { method: 'call', locale: 'en' },
    ]);
  });
});
