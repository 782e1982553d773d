import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ALICE, setUp, stopAfterEach } from './support/fixture';

stopAfterEach();

const LOCALES = [
  'en es fr de it pt pt-BR nl sv da nb fi pl cs ro hu el tr uk ru ar he hi ja ko zh zh-CN zh-TW zh-HK vi id th',
].flatMap((list) => list.split(' '));

describe('the text of a message', () => {
  it('names the service and the code', async () => {
    const { emulator, send } = await setUp({ serviceName: 'Acme' });
    await send();
    const [message] = emulator.messages(ALICE);
    assert.equal(message?.body, `Your Acme verification code is: ${message?.code}`);
    assert.equal(message?.serviceName, 'Acme');
  });

  it('names the custom friendly name in its place, for that message only', async () => {
    const { emulator, service, send } = await setUp({ serviceName: 'Acme' });
    await service.verifications.create({ to: ALICE, channel: 'sms', customFriendlyName: 'Acme $& Sons' });
    await send();
    const names = emulator.messages(ALICE).map((message) => message.serviceName);
    assert.deepEqual(names, ['Acme $& Sons', 'Acme']);
    assert.match(emulator.messages(ALICE)[0]?.body ?? '', /^Your Acme \$& Sons verification code is: \d{6}$/);
  });

  it('the message is in the language that the create names', async () => {
    const { emulator, service } = await setUp({ maxSends: 100 });
    for (const locale of LOCALES) await service.verifications.create({ to: ALICE, channel: 'sms', locale });
    const messages = emulator.messages(ALICE);
    assert.deepEqual(
      messages.map((message) => message.locale),
      LOCALES,
    );
    for (const { body, code } of messages) assert.ok(body.includes('Emulator') && body.includes(code), body);
    // zh and zh-CN are the same language.
    assert.equal(new Set(messages.map((message) => message.body)).size, LOCALES.length - 1);
  });

  for (const { name, locale, expected } of [
    { name: 'with an underscore', locale: 'pt_BR', expected: 'pt-BR' },
    { name: 'in another case', locale: 'PT-br', expected: 'pt-BR' },
  ]) {
    it(`takes a locale ${name}`, async () => {
      const { emulator, service } = await setUp();
      await service.verifications.create({ to: ALICE, channel: 'sms', locale });
      assert.equal(emulator.messages(ALICE)[0]?.locale, expected);
    });
  }

  for (const { to, expected } of [
    { to: '+447700900123', expected: 'en-GB' },
    { to: '+33612345678', expected: 'fr' },
    { to: '+5511912345678', expected: 'pt-BR' },
    { to: '+380501234567', expected: 'uk' },
    { to: '+2348012345678', expected: 'en' },
  ]) {
    it(`a message to ${to} is in ${expected} if the create names no locale`, async () => {
      const { emulator, send } = await setUp();
      await send(to);
      assert.equal(emulator.messages(to)[0]?.locale, expected);
    });
  }

  it('a language that Verify has no text for gets 400', async () => {
    const { emulator, service } = await setUp();
    const create = service.verifications.create({ to: ALICE, channel: 'sms', locale: 'tlh' });
    await assert.rejects(create, { status: 400, code: 60200, message: 'Invalid parameter `Locale`: tlh' });
    assert.deepEqual(emulator.messages(), []);
  });

  it('a language that Verify has no text for gets 404 if unknownLocale is notFound', async () => {
    const { service } = await setUp({ unknownLocale: 'notFound' });
    const create = service.verifications.create({ to: ALICE, channel: 'sms', locale: 'tlh' });
    await assert.rejects(create, { status: 404, code: 60229 });
  });

  it('a call reads the code digit by digit', async () => {
    const { emulator, send } = await setUp();
    await send(ALICE, 'call');
    const [message] = emulator.messages(ALICE);
    assert.equal(message?.body, `Your Emulator verification code is: ${message?.code.split('').join(' ')}`);
  });

  it('carries the hash of an Android app, and the warning of the service', async () => {
    const { emulator, service } = await setUp();
    await service.update({ doNotShareWarningEnabled: true });
    await service.verifications.create({ to: ALICE, channel: 'sms', appHash: 'He42w354ol9' });
    assert.match(
      emulator.messages(ALICE)[0]?.body ?? '',
      /^<#> Your Emulator .*\d{6}\. Don’t share this code.* He42w354ol9$/,
    );
  });
});
