import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ServiceNameContext } from 'passport-twilio-verify';
import { startTestApp, type TestOptions, type TestUser } from '../../support/test-app.js';

/** Returns the message that Twilio sends to a user with these options. */
async function messageTo(id: string, twoFactor: TestOptions, method = 'sms', headers: Record<string, string> = {}) {
  const app = await startTestApp({ twoFactor, emulator: { serviceName: 'The Service' } });
  const browser = await app.signedIn(id);
  await browser.post('/2fa', { method }, headers);
  const [message] = app.emulator.messages();
  assert.ok(message, 'nothing was sent');
  const page = (await browser.get('/2fa/verify', headers)).text;
  return { ...message, pageLanguage: page.match(/<html lang="([^"]+)"/)?.[1] };
}

describe('option "serviceName"', () => {
  it('serviceName overrides nothing by default', async () => {
    assert.match((await messageTo('ann', {})).body, /^Your The Service verification code/);
  });

  it('serviceName is the name in the message, as a value', async () => {
    const { body } = await messageTo('ann', { serviceName: 'Acme Bank' });
    assert.match(body, /^Your Acme Bank verification code/);
  });

  it('serviceName is the name in the message, as a callback that runs for every send', async () => {
    const contexts: ServiceNameContext<TestUser>[] = [];
    const { body } = await messageTo('ann', {
      serviceName: async (context) => {
        contexts.push(context);
        return `Acme for ${context.user.id}`;
      },
    });
    assert.match(body, /^Your Acme for ann verification code/);
    assert.deepEqual(
      contexts.map(({ user, method, phoneNumber, req }) => [user.id, method, phoneNumber, req.method]),
      [['ann', 'sms', '+12025550123', 'POST']],
    );
  });

  it('the callback gets no phone number for a code by email', async () => {
    const seen: unknown[] = [];
    const serviceName: TestOptions['serviceName'] = ({ method, phoneNumber }) => {
      seen.push([method, phoneNumber]);
      return undefined;
    };
    const { body } = await messageTo('eve', { allowedMethods: ['email'], serviceName }, 'email');
    assert.deepEqual(seen, [['email', undefined]]);
    assert.match(body, /The Service/);
  });
});

describe('option "locale"', () => {
  for (const { name, twoFactor, acceptLanguage, language } of [
    { name: 'is the language of the message, as a value', twoFactor: { locale: 'de' }, language: 'de' },
    { name: 'may name a region', twoFactor: { locale: 'pt-BR' }, language: 'pt-BR' },
    { name: 'falls back from a region to its language', twoFactor: { locale: 'de-AT' }, language: 'de' },
    { name: 'is told to Twilio its way: Chinese by region', twoFactor: { locale: 'zh-Hant-TW' }, language: 'zh-HK' },
    {
      name: "is left to the number's country where Twilio has no such language",
      twoFactor: { locale: 'cy', phoneNumber: () => '+819012345678' },
      language: 'ja',
    },
    {
      name: 'may be a callback, which is asked for every user',
      twoFactor: { locale: async ({ user }: { user: TestUser }) => (user.id === 'ann' ? 'fr' : 'de') },
      language: 'fr',
    },
    {
      name: 'wins over what the browser asks for',
      twoFactor: { locale: 'fr' },
      acceptLanguage: 'en-GB,en;q=0.9',
      language: 'fr',
    },
    {
      name: 'is negotiated with the browser where a callback gives nothing',
      twoFactor: { locale: () => undefined, phoneNumber: () => '+819012345678' },
      acceptLanguage: 'en-US,en;q=0.9',
      language: 'en',
    },
  ]) {
    it(name, async () => {
      const headers = acceptLanguage === undefined ? {} : { 'accept-language': acceptLanguage };
      assert.equal((await messageTo('ann', twoFactor, 'sms', headers)).locale, language);
    });
  }

  it('locale is the language of the pages, as far as they are translated', async () => {
    assert.equal((await messageTo('ann', { locale: 'en-AU' })).pageLanguage, 'en');
  });
});
