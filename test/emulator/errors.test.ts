import assert from 'node:assert/strict';
import { connect as openSocket } from 'node:net';
import { describe, it } from 'node:test';
import twilio from 'twilio';
import { connect, RedirectingClient } from './support/client';
import { ALICE, callApi, errorOf, readJson, setUp, stopAfterEach } from './support/fixture';

stopAfterEach();

const UNKNOWN_SERVICE = `VA${'1'.repeat(32)}`;

describe('credentials', () => {
  it('a wrong auth token gets 401', async () => {
    const { emulator } = await setUp();
    const service = connect(emulator, 'wrong').verify.v2.services(emulator.serviceSid);
    await assert.rejects(service.fetch(), { status: 401, code: 20003, message: 'Authenticate' });
  });

  for (const { name, authorization } of [
    { name: 'missing', authorization: '' },
    { name: 'of another kind', authorization: 'Bearer abc' },
    { name: 'broken', authorization: 'Basic ???' },
    { name: 'of another account', authorization: `Basic ${btoa(`AC${'1'.repeat(32)}:emulator-auth-token`)}` },
  ]) {
    it(`credentials get 401: ${name}`, async () => {
      const { emulator } = await setUp();
      const response = await callApi(emulator, '/v2/Services', { headers: { Authorization: authorization } });
      assert.equal(response.status, 401);
      assert.match(response.headers.get('www-authenticate') ?? '', /^Basic /);
      assert.equal((await readJson(response)).code, 20003);
    });
  }

  for (const { name, options } of [
    { name: 'default', options: {} },
    { name: 'chosen', options: { apiKey: 'SKemulated', apiSecret: 'secret' } },
  ]) {
    it(`the ${name} API key gets 200, as does the auth token`, async () => {
      const { emulator } = await setUp(options);
      const { accountSid, authToken, apiKey, apiSecret } = emulator;
      if (name === 'chosen') assert.deepEqual({ apiKey, apiSecret }, options);
      for (const pair of [`${accountSid}:${authToken}`, `${apiKey}:${apiSecret}`]) {
        const headers = { Authorization: `Basic ${btoa(pair)}` };
        assert.equal((await callApi(emulator, '/v2/Services', { headers })).status, 200);
      }
      const headers = { Authorization: `Basic ${btoa(`${apiKey}:${authToken}`)}` };
      assert.equal((await callApi(emulator, '/v2/Services', { headers })).status, 401);
    });
  }

  it('the SDK signs in with an API key', async () => {
    const { emulator } = await setUp();
    const { accountSid, apiKey, apiSecret } = emulator;
    const client = twilio(apiKey, apiSecret, { accountSid, httpClient: new RedirectingClient(emulator.url) });
    assert.equal((await client.verify.v2.services(emulator.serviceSid).fetch()).sid, emulator.serviceSid);
  });
});

describe('what does not exist', () => {
  for (const { method, path, status, code } of [
    { method: 'GET', path: '/v2/Nothing', status: 404, code: 20404 },
    { method: 'GET', path: '/v2/Services/', status: 404, code: 20404 },
    { method: 'GET', path: '/v2/Services/%', status: 404, code: 20404 },
    { method: 'GET', path: `/v2/Services/${UNKNOWN_SERVICE}`, status: 404, code: 20404 },
    { method: 'POST', path: `/v2/Services/${UNKNOWN_SERVICE}/Verifications`, status: 404, code: 20404 },
    { method: 'POST', path: `/v2/Services/${UNKNOWN_SERVICE}/VerificationCheck`, status: 404, code: 20404 },
    { method: 'GET', path: '/v2/Services/__proto__', status: 404, code: 20404 },
    { method: 'PUT', path: '/v2/Services', status: 405, code: 20004 },
    { method: 'DELETE', path: '/v2/PhoneNumbers/+12025550123', status: 405, code: 20004 },
  ]) {
    it(`answers ${method} ${path} with ${status} and ${code}`, async () => {
      const { emulator } = await setUp();
      const response = await callApi(emulator, path, { method });
      assert.equal(response.status, status);
      assert.equal((await readJson(response)).code, code);
    });
  }

  it('names the path in the message, as Twilio does', async () => {
    const { client } = await setUp();
    await assert.rejects(client.verify.v2.services(UNKNOWN_SERVICE).fetch(), {
      message: `The requested resource /v2/Services/${UNKNOWN_SERVICE} was not found`,
    });
  });
});

describe('parameters', () => {
  const create = 'Verifications';
  const check = 'VerificationCheck';
  const right = { To: ALICE, Channel: 'sms' };
  for (const { name, path, form, ...wanted } of [
    {
      name: 'no To',
      path: create,
      form: { Channel: 'sms' },
      message: 'Missing required parameter To in the post body',
      code: 20001,
    },
    {
      name: 'no Channel',
      path: create,
      form: { To: ALICE },
      message: 'Missing required parameter Channel in the post body',
      code: 20001,
    },
    { name: 'To without +', path: create, form: { ...right, To: '12025550123' }, invalid: 'To' },
    { name: 'To too short', path: create, form: { ...right, To: '+1202555' }, invalid: 'To' },
    {
      name: 'To too long',
      path: create,
      form: { ...right, To: '+1234567890123456' },
      invalid: 'To',
    },
    {
      name: 'To with a space',
      path: create,
      form: { ...right, To: '+1 2025550123' },
      invalid: 'To',
    },
    {
      name: 'an address for sms',
      path: create,
      form: { ...right, To: 'a@b.example' },
      invalid: 'To',
    },
    {
      name: 'a number for email',
      path: create,
      form: { To: ALICE, Channel: 'email' },
      invalid: 'To',
    },
    {
      name: 'an unknown channel',
      path: create,
      form: { ...right, Channel: 'fax' },
      invalid: 'Channel',
    },
    { name: 'sna', path: create, form: { ...right, Channel: 'sna' }, invalid: 'Channel' },
    {
      name: 'broken RateLimits',
      path: create,
      form: { ...right, RateLimits: '{' },
      invalid: 'RateLimits',
    },
    {
      name: 'RateLimits as a list',
      path: create,
      form: { ...right, RateLimits: '[1]' },
      invalid: 'RateLimits',
    },
    { name: 'broken Tags', path: create, form: { ...right, Tags: 'x' }, invalid: 'Tags' },
    {
      name: 'a bad TemplateSid',
      path: create,
      form: { ...right, TemplateSid: 'HJ' },
      invalid: 'TemplateSid',
    },
    {
      name: 'a bad DeviceIp',
      path: create,
      form: { ...right, DeviceIp: '1.2.3' },
      invalid: 'DeviceIp',
    },
    {
      name: 'a bad RiskCheck',
      path: create,
      form: { ...right, RiskCheck: 'maybe' },
      invalid: 'RiskCheck',
    },
    {
      name: 'a long name',
      path: create,
      form: { ...right, CustomFriendlyName: 'x'.repeat(31) },
      invalid: 'CustomFriendlyName',
    },
    {
      name: 'neither To nor SID',
      path: check,
      form: { Code: '123456' },
      message: 'No target verification specified',
      code: 60221,
    },
    {
      name: 'no Code',
      path: check,
      form: { To: ALICE },
      message: 'Missing required parameter Code in the post body',
      code: 20001,
    },
    { name: 'a Code too short', path: check, form: { To: ALICE, Code: '123' }, invalid: 'Code' },
    {
      name: 'a Code too long',
      path: check,
      form: { To: ALICE, Code: '12345678901' },
      invalid: 'Code',
    },
    {
      name: 'a bad SID',
      path: check,
      form: { VerificationSid: 'VE1', Code: '1234' },
      invalid: 'VerificationSid',
    },
    {
      name: 'no Status',
      path: `${create}/${ALICE}`,
      form: {},
      message: 'Missing required parameter Status in the post body',
      code: 20001,
    },
    {
      name: 'a bad Status',
      path: `${create}/${ALICE}`,
      form: { Status: 'pending' },
      invalid: 'Status',
    },
  ]) {
    it(`parameters get 400: ${name}`, async () => {
      const { emulator } = await setUp();
      const url = `/v2/Services/${emulator.serviceSid}/${path}`;
      const response = await callApi(emulator, url, { method: 'POST', body: new URLSearchParams({ ...form }) });
      assert.equal(response.status, 400);
      assert.deepEqual(await response.json(), errorOf(wanted, form));
      assert.deepEqual(emulator.messages(), []);
    });
  }

  for (const { name, to, shown } of [
    { name: 'a plus that arrived as a space', to: ' 12025550123', shown: ' 12025550123' },
    { name: 'the first hundred characters', to: `+${'9'.repeat(300)}`, shown: `+${'9'.repeat(99)}` },
    { name: 'the magic number of 60200', to: '+19075550200', shown: '+19075550200' },
  ]) {
    it(`the message repeats the value: ${name}`, async () => {
      const { send } = await setUp();
      await assert.rejects(send(to), { status: 400, code: 60200, message: `Invalid parameter \`To\`: ${shown}` });
    });
  }

  it('only a form holds parameters', async () => {
    const { emulator } = await setUp();
    const body = JSON.stringify({ To: ALICE, Channel: 'sms' });
    const headers = { 'Content-Type': 'application/json' };
    const url = `/v2/Services/${emulator.serviceSid}/Verifications`;
    const response = await callApi(emulator, url, { method: 'POST', body, headers });
    assert.equal((await readJson(response)).message, 'Missing required parameter To in the post body');
  });

  it('a body of more than 64 KB gets 413', async () => {
    const { emulator } = await setUp();
    const url = `/v2/Services/${emulator.serviceSid}/Verifications`;
    const body = new URLSearchParams({ To: ALICE, Channel: 'sms', Tags: 'x'.repeat(70_000) });
    const response = await callApi(emulator, url, { method: 'POST', body });
    assert.equal(response.status, 413);
    assert.equal((await callApi(emulator, '/v2/Services')).status, 200);
  });
});

describe('broken requests', () => {
  for (const { name, text } of [
    { name: 'is no HTTP', text: 'nonsense\r\n\r\n' },
    {
      name: 'has a target that is no path',
      text: 'GET http://[ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
    },
    { name: 'breaks off', text: 'POST /v2/Services HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc' },
  ]) {
    it(`leave the emulator running: one that ${name}`, async () => {
      const { emulator } = await setUp();
      const { port } = new URL(emulator.url);
      await new Promise<void>((resolve, reject) => {
        const socket = openSocket(Number(port), '127.0.0.1', () => socket.end(text));
        socket
          .on('data', () => {})
          .on('close', () => resolve())
          .on('error', reject);
      });
      assert.equal((await callApi(emulator, '/v2/Services')).status, 200);
    });
  }
});
