import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { MethodDisplay, MethodDisplayContext } from 'passport-twilio-verify';
import type { Client } from '../../support/client.js';
import { startTestApp, type TestOptions } from '../../support/test-app.js';

const start = (twoFactor: TestOptions) => startTestApp({ twoFactor });

/** The methods that a page offers, in its order. */
async function offered(browser: Client, path = '/2fa'): Promise<string[]> {
  const { text } = await browser.get(path);
  return [...text.matchAll(/name="method" value="(\w+)"/g)].map(([, method]) => method ?? '');
}

describe('option "allowedMethods"', () => {
  it('offers all methods but e-mail by default', async () => {
    const app = await start({});
    const browser = await app.signedIn('eve');
    assert.deepEqual(await offered(browser), ['sms', 'call', 'whatsapp']);
    assert.equal((await browser.post('/2fa', { method: 'email' })).status, 422);
    assert.deepEqual(app.emulator.messages(), []);
  });

  it('offers and takes only the methods of a list', async () => {
    const app = await start({ allowedMethods: ['email', 'call'] });
    const browser = await app.signedIn('eve');
    assert.deepEqual(await offered(browser), ['call', 'email']);
    for (const method of ['sms', 'whatsapp']) assert.equal((await browser.post('/2fa', { method })).status, 422);
    assert.deepEqual(app.emulator.messages(), []);
    assert.equal((await browser.post('/2fa', { method: 'call' })).location, '/2fa/verify');
    assert.equal(app.emulator.messages().at(-1)?.channel, 'call');
  });

  it('asks a callback for every user', async () => {
    const app = await start({
      allowedMethods: async ({ user, req }) => (req.session && user.id === 'eve' ? ['whatsapp'] : undefined),
    });
    assert.deepEqual(await offered(await app.signedIn('eve')), ['whatsapp']);
    assert.deepEqual(await offered(await app.signedIn('ann')), ['sms', 'call', 'whatsapp']);
  });

  it('limits how the code for a new number is sent', async () => {
    const app = await start({ allowedMethods: ['sms', 'call', 'email'] });
    assert.deepEqual(await offered(await app.signedIn('ben'), '/2fa/register'), ['sms', 'call']);
  });

  it('leaves a user whom no allowed method reaches with the page that says so', async () => {
    const app = await start({ allowedMethods: [] });
    const browser = await app.signedIn('ann');
    assert.equal((await browser.get('/2fa')).location, '/2fa/failed');
    assert.match((await browser.get('/2fa/failed')).text, /There is no way to send you a code/);
  });
});

describe('option "email"', () => {
  const allowedMethods = ['sms', 'email'] as const;

  it('is where codes by e-mail go', async () => {
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
    it(`is not offered where it gives ${name}`, async () => {
      const app = await start({ allowedMethods, email: () => email });
      const browser = await app.signedIn('ann');
      assert.deepEqual(await offered(browser), ['sms']);
      assert.equal((await browser.post('/2fa', { method: 'email' })).status, 422);
      assert.deepEqual(app.emulator.messages(), []);
    });
  }

  it('is a usable address: who has one signs in and cannot register a number in place of it', async () => {
    const app = await start({ allowedMethods, email: ({ user }) => `${user.id}@mail.example` });
    const browser = await app.signedIn('ben');
    assert.deepEqual(await offered(browser), ['email']);
    assert.equal((await browser.get('/2fa/register')).location, '/2fa');
  });
});

describe('option "methodDisplay"', () => {
  const page = async (methodDisplay?: (context: MethodDisplayContext) => MethodDisplay | undefined) => {
    const app = await start({ allowedMethods: ['sms', 'call'], ...(methodDisplay ? { methodDisplay } : {}) });
    return (await (await app.signedIn('ann')).get('/2fa')).text;
  };

  it('has own labels and inline icons by default', async () => {
    const text = await page();
    assert.match(text, /<svg class="icon".*Text message \(SMS\).*<svg class="icon".*Phone call/s);
  });

  it('changes the label of one method', async () => {
    const text = await page(({ method }) => (method === 'sms' ? { label: 'Textnachricht <SMS>' } : undefined));
    assert.match(text, /Textnachricht &lt;SMS&gt;/);
    assert.match(text, /Phone call/);
    assert.doesNotMatch(text, /Text message/);
  });

  it('takes CSS classes for the icon', async () => {
    const text = await page(({ method }) => (method === 'call' ? { icon: 'fas fa-phone' } : {}));
    assert.match(text, /<i class="fas fa-phone" aria-hidden="true"><\/i>\s*Phone call/);
    assert.equal(text.match(/<svg/g)?.length, 1);
  });

  it('shows no icon for null', async () => {
    const text = await page(({ method }) => (method === 'call' ? { icon: null } : {}));
    assert.equal(text.match(/<svg|<i /g)?.length, 1);
    assert.match(text, /Phone call/);
  });

  it('is told the method and the language of the page', async () => {
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
