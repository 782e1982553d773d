import assert from 'node:assert/strict';
import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import { inspect } from 'node:util';
import twilio from 'twilio';
import { createHttpClient } from '../../../src/twilio/http-client.js';

const ACCOUNT = `AC${'0'.repeat(32)}`;
const PASSWORD = 'the password';
const POST = {
  method: 'post',
  uri: 'https://verify.twilio.com/v2/Services/VA1/VerificationCheck',
  username: ACCOUNT,
  password: PASSWORD,
  headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  data: { Code: '482913', VerificationSid: 'VE1 & +' },
} as const;

describe('the client that sends the requests of the SDK', () => {
  let server: http.Server | undefined;

  const listen = async (answer: (req: IncomingMessage, body: string, res: ServerResponse) => void) => {
    server = http.createServer(async (req, res) => {
      const chunks: Buffer[] = [];
      for await (const chunk of req) chunks.push(chunk);
      answer(req, Buffer.concat(chunks).toString(), res);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
    server = undefined;
  });

  it('posts the fields as a form, with the credentials, to where the API is said to be', async () => {
    const got: unknown[] = [];
    const baseUrl = await listen(({ method, url, headers }, body, res) => {
      const { authorization, 'content-type': type, 'content-length': length } = headers;
      got.push({ method, url, authorization, type, length: Number(length), form: [...new URLSearchParams(body)] });
      res.writeHead(201, { 'X-Answer': 'yes' }).end('{"sid":"VE1"}');
    });
    const answer = await createHttpClient(twilio, { baseUrl: `${baseUrl}/proxy`, timeoutMs: 1_000 }).request(POST);
    assert.deepEqual(got, [
      {
        method: 'POST',
        url: '/proxy/v2/Services/VA1/VerificationCheck',
        authorization: `Basic ${Buffer.from(`${ACCOUNT}:${PASSWORD}`).toString('base64')}`,
        type: 'application/x-www-form-urlencoded',
        length: 'Code=482913&VerificationSid=VE1+%26+%2B'.length,
        form: [
          ['Code', '482913'],
          ['VerificationSid', 'VE1 & +'],
        ],
      },
    ]);
    assert.equal(answer.statusCode, 201);
    assert.equal(answer.body, '{"sid":"VE1"}');
    assert.equal(answer.headers['x-answer'], 'yes');
  });

  it('puts parameters into the address, for Lookup too', async () => {
    const got: unknown[] = [];
    const baseUrl = await listen(({ method, url, headers }, body, res) => {
      got.push({ method, url, type: headers['content-type'], body });
      res.end('{}');
    });
    await createHttpClient(twilio, { baseUrl, timeoutMs: 1_000 }).request({
      method: 'get',
      uri: 'https://lookups.twilio.com/v2/PhoneNumbers/%2B12025550123',
      username: ACCOUNT,
      password: PASSWORD,
      params: { Fields: 'line_type_intelligence' },
    });
    const url = '/v2/PhoneNumbers/%2B12025550123?Fields=line_type_intelligence';
    assert.deepEqual(got, [{ method: 'GET', url, type: undefined, body: '' }]);
  });

  it('reads a text that comes in pieces, in the midst of a letter too', async () => {
    const text = Buffer.from('{"message":"Größe"}');
    const baseUrl = await listen((_req, _body, res) => {
      const middle = text.indexOf(0xc3) + 1;
      res.write(text.subarray(0, middle), () => setImmediate(() => res.end(text.subarray(middle))));
    });
    const { body } = await createHttpClient(twilio, { baseUrl, timeoutMs: 1_000 }).request(POST);
    assert.equal(body, text.toString());
  });

  it('ends a call of which the whole answer does not come in time, however much of it comes', async (t) => {
    let closed: Promise<unknown> | undefined;
    const baseUrl = await listen((req, _body, res) => {
      closed = once(req.socket, 'close');
      res.write('{"sid":');
      t.mock.timers.tick(1_000);
    });
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const call = createHttpClient(twilio, { baseUrl, timeoutMs: 1_000 }).request(POST);
    await assert.rejects(call, /no whole answer within 1000 ms/);
    await closed;
  });

  it('gives an error where the answer breaks off', async () => {
    const baseUrl = await listen((req, _body, res) => {
      res.writeHead(200, { 'Content-Length': 100 });
      res.write('{"sid":', () => req.socket.destroy());
    });
    await assert.rejects(createHttpClient(twilio, { baseUrl, timeoutMs: 1_000 }).request(POST), /aborted|hang up/);
  });

  it('gives an error without the credentials and the code where nobody answers', async () => {
    const baseUrl = await listen((req) => req.socket.destroy());
    await assert.rejects(createHttpClient(twilio, { baseUrl, timeoutMs: 1_000 }).request(POST), (error) => {
      const shown = inspect(error, { depth: 10, showHidden: true });
      assert.doesNotMatch(shown, /the password|482913|Basic /);
      return true;
    });
  });

  it('goes through the proxy that HTTP_PROXY names, as the SDK does', async (t) => {
    const proxy = await listen(() => assert.fail('https is not read by a proxy'));
    const asked = new Promise((resolve) => {
      server?.once('connect', ({ url }, socket) => {
        resolve(url);
        socket.end('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n');
      });
    });
    const { HTTP_PROXY } = process.env;
    process.env.HTTP_PROXY = proxy;
    t.after(() => {
      if (HTTP_PROXY === undefined) delete process.env.HTTP_PROXY;
      else process.env.HTTP_PROXY = HTTP_PROXY;
    });
    const client = createHttpClient(twilio, { baseUrl: undefined, timeoutMs: 1_000 });
    assert.equal((await client.request(POST)).statusCode, 502);
    assert.equal(await asked, 'verify.twilio.com:443');
  });
});
