import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ALICE, callApi, errorOf, readJson, setUp, stopAfterEach } from './support/fixture';

stopAfterEach();

describe('services', () => {
  it('include the service of the options from the start', async () => {
    const { emulator, service } = await setUp({ serviceName: 'Acme', codeLength: 8, customCodeEnabled: true });
    const fetched = await service.fetch();
    assert.equal(fetched.sid, emulator.serviceSid);
    assert.equal(fetched.accountSid, emulator.accountSid);
    assert.deepEqual([fetched.friendlyName, fetched.codeLength, fetched.customCodeEnabled], ['Acme', 8, true]);
  });

  it('makes a service with every setting that Twilio takes', async () => {
    const { client } = await setUp();
    const created = await client.verify.v2.services.create({
      friendlyName: 'Acme',
      codeLength: 4,
      lookupEnabled: true,
      skipSmsToLandlines: true,
      dtmfInputRequired: true,
      ttsName: 'Joanna',
      psd2Enabled: false,
      doNotShareWarningEnabled: true,
      customCodeEnabled: true,
      'push.includeDate': true,
      'push.apnCredentialSid': `CR${'a'.repeat(32)}`,
      'totp.issuer': 'Acme',
      'totp.timeStep': 45,
      'totp.codeLength': 8,
      'totp.skew': 2,
      defaultTemplateSid: `HJ${'b'.repeat(32)}`,
      'whatsapp.msgServiceSid': `MG${'c'.repeat(32)}`,
      'whatsapp.from': 'whatsapp:+12025550100',
      'passkeys.relyingParty.id': 'example.com',
      'passkeys.relyingParty.name': 'Example',
      'passkeys.relyingParty.origins': 'example.com,www.example.com',
      'passkeys.authenticatorAttachment': 'platform',
      'passkeys.userVerification': 'preferred',
      verifyEventSubscriptionEnabled: true,
    });
    const fetched = await client.verify.v2.services(created.sid).fetch();
    assert.deepEqual(fetched.toJSON(), created.toJSON());
    assert.deepEqual(fetched.totp, { issuer: 'Acme', time_step: 45, code_length: 8, skew: 2 });
    assert.deepEqual(fetched.whatsapp, { msg_service_sid: `MG${'c'.repeat(32)}`, from: 'whatsapp:+12025550100' });
    assert.equal(fetched.passkeys.relying_party.origins.length, 2);
  });

  it('keep the settings that an update omits, and the next code has the new length', async () => {
    const { emulator, service, send } = await setUp({ serviceName: 'Acme' });
    emulator.clock.advance(5_000);
    const updated = await service.update({ codeLength: 9 });
    assert.deepEqual([updated.friendlyName, updated.codeLength], ['Acme', 9]);
    assert.equal(updated.dateUpdated.getTime() - updated.dateCreated.getTime(), 5_000);
    await send();
    assert.match(await emulator.codeFor(ALICE), /^\d{9}$/);
  });

  it('says in each verification what a lookup says, where the service is set so', async () => {
    const { service, send } = await setUp();
    await service.update({ lookupEnabled: true });
    const verification = await send();
    assert.equal(verification.lookup.carrier.type, 'mobile');
  });

  it('sends no SMS to a landline where the service is set so', async () => {
    const { service, send } = await setUp();
    const landline = '+19075551001';
    await send(landline);
    await service.update({ lookupEnabled: true, skipSmsToLandlines: true });
    await assert.rejects(send(landline), { status: 403, code: 60205 });
    assert.equal((await send(landline, 'call')).status, 'pending');
  });

  it('deletes a service', async () => {
    const { client } = await setUp();
    const { sid } = await client.verify.v2.services.create({ friendlyName: 'Acme' });
    assert.equal(await client.verify.v2.services(sid).remove(), true);
    await assert.rejects(client.verify.v2.services(sid).fetch(), { status: 404, code: 20404 });
  });

  for (const { name, form, ...wanted } of [
    { name: 'no name', form: {}, message: 'Missing required parameter FriendlyName in the post body', code: 20001 },
    {
      name: 'a name of 31 characters',
      form: { FriendlyName: 'x'.repeat(31) },
      invalid: 'FriendlyName',
    },
    { name: 'a number for a name', form: { FriendlyName: 'Call 20255' }, invalid: 'FriendlyName' },
    { name: 'codes of 3', form: { FriendlyName: 'a', CodeLength: '3' }, invalid: 'CodeLength' },
    { name: 'codes of 11', form: { FriendlyName: 'a', CodeLength: '11' }, invalid: 'CodeLength' },
    { name: 'codes of 4.5', form: { FriendlyName: 'a', CodeLength: '4.5' }, invalid: 'CodeLength' },
    {
      name: 'no boolean',
      form: { FriendlyName: 'a', LookupEnabled: '2' },
      invalid: 'LookupEnabled',
    },
    {
      name: 'no SID',
      form: { FriendlyName: 'a', DefaultTemplateSid: 'HJ1' },
      invalid: 'DefaultTemplateSid',
    },
  ]) {
    it(`refuses one with ${name}`, async () => {
      const { emulator } = await setUp();
      const response = await callApi(emulator, '/v2/Services', { method: 'POST', body: new URLSearchParams(form) });
      assert.equal(response.status, 400);
      assert.deepEqual(await response.json(), errorOf(wanted, form));
    });
  }
});

describe('lists', () => {
  async function setUpServices(count: number) {
    const parts = await setUp();
    const names = ['Emulator'];
    for (let index = 1; index < count; index += 1) {
      names.push(`Service ${index}`);
      await parts.client.verify.v2.services.create({ friendlyName: `Service ${index}` });
    }
    return { ...parts, services: parts.client.verify.v2.services, names };
  }

  it('page by page, as the SDK reads them', async () => {
    const { services, names } = await setUpServices(7);
    const listed = await services.list({ pageSize: 3 });
    assert.deepEqual(
      listed.map((service) => service.friendlyName),
      names,
    );
  });

  it('stop at the limit of the SDK', async () => {
    const { services } = await setUpServices(7);
    assert.equal((await services.list({ limit: 4, pageSize: 3 })).length, 4);
  });

  it('go forth and back', async () => {
    const { services, names } = await setUpServices(5);
    const first = await services.page({ pageSize: 2 });
    assert.equal(first.previousPageUrl, undefined);
    const second = await first.nextPage();
    const third = await second?.nextPage();
    assert.deepEqual(
      third?.instances.map((service) => service.friendlyName),
      names.slice(4),
    );
    assert.equal(third?.nextPageUrl, undefined);
    const back = await third?.previousPage();
    assert.deepEqual(
      back?.instances.map((service) => service.friendlyName),
      names.slice(2, 4),
    );
    const start = await back?.previousPage();
    assert.deepEqual(
      start?.instances.map((service) => service.friendlyName),
      names.slice(0, 2),
    );
  });

  it('end with a page that is full, where the number of entries is a multiple of its size', async () => {
    const { services } = await setUpServices(4);
    const second = await (await services.page({ pageSize: 2 })).nextPage();
    assert.equal(second?.instances.length, 2);
    assert.equal(second?.nextPageUrl, undefined);
  });

  it('neither repeat nor skip an entry when one is deleted between two pages', async () => {
    const { services, names } = await setUpServices(5);
    const first = await services.page({ pageSize: 2 });
    await services(first.instances[0]?.sid ?? '').remove();
    const second = await first.nextPage();
    assert.deepEqual(
      second?.instances.map((service) => service.friendlyName),
      names.slice(2, 4),
    );
  });

  it('hold 50 entries by default, and 1000 at most', async () => {
    const { emulator } = await setUpServices(1);
    const sizeOf = async (query: string) => {
      const response = await callApi(emulator, `/v2/Services${query}`);
      const { meta } = await readJson(response);
      return (meta as { page_size: number }).page_size;
    };
    assert.equal(await sizeOf(''), 50);
    assert.equal(await sizeOf('?PageSize=5000'), 1000);
  });

  for (const query of ['PageSize=0', 'PageSize=x', 'Page=-1', 'PageToken=PAnone']) {
    it(`refuses ${query}`, async () => {
      const { emulator } = await setUpServices(1);
      const response = await callApi(emulator, `/v2/Services?${query}`);
      const [name = '', value] = query.split('=');
      assert.equal(response.status, 400);
      assert.equal((await readJson(response)).message, `Invalid parameter \`${name}\`: ${value}`);
    });
  }
});
