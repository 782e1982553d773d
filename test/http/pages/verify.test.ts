import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertDoesNotSay, assertRefuses, assertSays, hasForm, readable } from '../../support/page.js';
import { enterCode, lastCode, withCode, wrongCode } from '../../support/steps.js';
import { startTestApp } from '../../support/test-app.js';
import { ENGLISH } from '../../support/texts.js';

const start = () => startTestApp();

describe('GET /verify (verify.html)', () => {
  it('the code page redirects to the start if nothing is pending', async () => {
    const app = await start();
    const { status, location } = await (await app.signedIn('ann')).get('/2fa/verify');
    assert.deepEqual([status, location], [303, '/2fa']);
  });

  it('the code page has one labeled field for the code, and shows only the end of the number', async () => {
    const { status, text } = await (await withCode(await start(), 'ann')).get('/2fa/verify');
    assert.equal(status, 200);
    assert.ok(hasForm(text, '/2fa/verify'));
    const [field = ''] = text.match(/<input type="text"[^>]*>/) ?? [];
    assert.match(field, /inputmode="numeric"/);
    assert.match(field, /autocomplete="one-time-code"/);
    assert.match(field, /id="code"/);
    assert.match(text, /<label for="code">/);
    assert.match(readable(text), /0123/);
    assert.doesNotMatch(text, /202.?555/);
  });

  it('the code page shows the whole number during a registration, so that the user can spot a typo', async () => {
    const browser = await (await start()).signedIn('ben');
    await browser.post('/2fa/register', { phoneNumber: '+12025550177', method: 'sms' });
    assert.match(readable((await browser.get('/2fa/verify')).text), /\+1 202 555 0177/);
  });

  it('the code page does not show the code', async () => {
    const app = await start();
    const browser = await withCode(app, 'ann');
    assert.ok(!(await browser.get('/2fa/verify')).text.includes(lastCode(app)));
  });

  it('the code page never shows the pending code of another user in the same session', async () => {
    const app = await start();
    const browser = await withCode(app, 'ann');
    await browser.post('/login/eve');
    assert.equal((await browser.get('/2fa/verify')).location, '/2fa');
  });
});

describe('POST /verify', () => {
  for (const { name, zero } of [
    { name: 'Arabic', zero: 0x660 },
    { name: 'Devanagari', zero: 0x966 },
    { name: 'full width', zero: 0xff10 },
    { name: 'Adlam, beyond 16 bits', zero: 0x1e950 },
  ]) {
    it(`the code page reads digits of other scripts, in two groups: ${name}`, async () => {
      const app = await start();
      const browser = await withCode(app, 'ann');
      const digits = [...lastCode(app)].map((digit) => String.fromCodePoint(zero + Number(digit)));
      const code = `${digits.slice(0, 3).join('')} ${digits.slice(3).join('')}`;
      assert.equal((await browser.post('/2fa/verify', { code })).status, 303);
    });
  }

  it('a right code redirects to the next page: 303', async () => {
    const app = await start();
    const browser = await withCode(app, 'ann');
    const { status, location } = await browser.post('/2fa/verify', { code: lastCode(app) });
    assert.deepEqual([status, location], [303, '/2fa/success']);
  });

  for (const { name, code, refusal } of [
    { name: 'a wrong code', code: wrongCode, refusal: 'code_wrong' },
    { name: 'a malformed code', code: () => '12', refusal: 'code_malformed' },
  ] as const) {
    it(`the code page redirects to itself after ${name}, and shows the error once: reload and Back are harmless`, async () => {
      const app = await start();
      const browser = await withCode(app, 'ann');
      const { status, location } = await browser.post('/2fa/verify', { code: code(app) });
      assert.deepEqual([status, location], [303, '/2fa/verify']);
      const calls = app.emulator.requests().length;
      const refused = await browser.get('/2fa/verify');
      assert.equal(refused.status, 200);
      assertRefuses(refused.text, refusal, { attemptsLeft: 4 });
      assert.match(refused.text, /aria-invalid="true"/);
      const again = await browser.get('/2fa/verify');
      assertDoesNotSay(again.text, `refusal.${refusal}`, { attemptsLeft: 4 });
      assert.doesNotMatch(again.text, /aria-invalid/);
      assert.equal(app.emulator.requests().length, calls);
      assert.equal((await app.record(browser))?.error, undefined);
    });
  }

  it('each wrong code lowers the tries left, and keeps the pending code', async () => {
    const app = await start();
    const browser = await withCode(app, 'ann');
    for (const attemptsLeft of [4, 3]) {
      const { text } = await enterCode(browser, wrongCode(app));
      assertRefuses(text, 'code_wrong', { attemptsLeft });
      assert.ok(hasForm(text, '/2fa/verify'));
    }
    assert.equal((await browser.get('/account')).location, '/2fa');
    assert.equal((await browser.post('/2fa/verify', { code: lastCode(app) })).location, '/account');
  });

  it('the code page shows an error once, in an alert that describes the empty, focused field', async () => {
    const app = await start();
    const { text } = await enterCode(await withCode(app, 'ann'), wrongCode(app));
    const error = ENGLISH.text('refusal.code_wrong', { attemptsLeft: 4 });
    assert.equal(readable(text).split(error).length, 2);
    assert.match(text, /<p class="field-error" id="code-error" role="alert">/);
    const [field = ''] = text.match(/<input type="text"[^>]*>/) ?? [];
    assert.match(field, / autofocus/);
    assert.match(field, /aria-describedby="code-error /);
    assert.doesNotMatch(field, / value="/);
  });

  it('a wrong code in JSON is answered with 422 and the field, and leaves no error for a page', async () => {
    const app = await start();
    const browser = await withCode(app, 'ann');
    const { status, text } = await browser.post(
      '/2fa/verify',
      { code: wrongCode(app) },
      { accept: 'application/json' },
    );
    assert.equal(status, 422);
    const { code, field, attemptsLeft } = JSON.parse(text);
    assert.deepEqual({ code, field, attemptsLeft }, { code: 'code_wrong', field: 'code', attemptsLeft: 4 });
    assert.doesNotMatch((await browser.get('/2fa/verify')).text, /aria-invalid/);
  });

  it('the error of a page stays for the next page, and does not appear in JSON', async () => {
    const app = await start();
    const browser = await withCode(app, 'ann');
    await browser.post('/2fa/verify', { code: wrongCode(app) });
    const json = await browser.get('/2fa/verify', { accept: 'application/json' });
    assert.equal(json.status, 200);
    assertRefuses((await browser.get('/2fa/verify')).text, 'code_wrong', { attemptsLeft: 4 });
  });

  it('a new code clears the error of the code page', async () => {
    const app = await startTestApp({ twoFactor: { retryTimeSeconds: 0 } });
    const browser = await withCode(app, 'ann');
    await browser.post('/2fa/verify', { code: wrongCode(app) });
    await browser.post('/2fa/resend');
    assert.doesNotMatch((await browser.get('/2fa/verify')).text, /aria-invalid/);
  });

  it('a code redirects to the start if nothing is pending', async () => {
    const app = await start();
    const browser = await app.signedIn('ann');
    assert.equal((await browser.post('/2fa/verify', { code: '123456' })).location, '/2fa');
    assert.deepEqual(app.emulator.requests(), []);
  });

  it('the same form, posted again, redirects to the same place', async () => {
    const app = await start();
    const browser = await app.signedIn('ann');
    await browser.get('/account?tab=5');
    await browser.post('/2fa', { method: 'sms' });
    const code = lastCode(app);
    assert.equal((await browser.post('/2fa/verify', { code })).location, '/account?tab=5');
    const calls = app.emulator.requests().length;
    assert.equal((await browser.post('/2fa/verify', { code })).location, '/account?tab=5');
    assert.equal(app.emulator.requests().length, calls);
  });

  it('a code redirects to the start, with the reason, if the number has changed', async () => {
    let phone = '+12025550101';
    const app = await startTestApp({ twoFactor: { phoneNumber: () => phone } });
    const browser = await withCode(app, 'ann');
    const code = lastCode(app);
    phone = '+12025550102';
    assert.equal((await browser.post('/2fa/verify', { code })).location, '/2fa');
    assertSays((await browser.get('/2fa')).text, 'notice.address_changed');
    phone = '+12025550101';
    assert.equal((await browser.post('/2fa/verify', { code })).location, '/2fa');
    assert.equal((await browser.get('/account')).location, '/2fa');
  });
});
