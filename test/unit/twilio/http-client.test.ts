import assert from 'node:assert/strict';
import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import { inspect } from 'node:util';
import { ConnectionError } from '../../../src/twilio/connection-error.js';
import { HttpClient } from '../../../src/twilio/http-client.js';

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

  it('the client posts the fields as a form, with the credentials, to the configured URL', async () => {
    const got: unknown[] = [];
    const baseUrl = await listen(({ method, url, headers }, body, res) => {
      const { authorization, 'content-type': type, 'content-length': length } = headers;
      got.push({ method, url, authorization, type, length: Number(length), form: [...new URLSearchParams(body)] });
      res.writeHead(201, { 'X-Answer': 'yes' }).end('{"sid":"VE1"}');
    });
    const answer = await new HttpClient({ baseUrl: `${baseUrl}/proxy`, timeoutMs: 1_000 }).request(POST);
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
    await new HttpClient({ baseUrl, timeoutMs: 1_000 }).request({
      method: 'get',
      uri: 'https://lookups.twilio.com/v2/PhoneNumbers/%2B12025550123',
      username: ACCOUNT,
      password: PASSWORD,
      params: { Fields: 'line_type_intelligence' },
    });
    const url = '/v2/PhoneNumbers/%2B12025550123?Fields=line_type_intelligence';
    assert.deepEqual(got, [{ method: 'GET', url, type: undefined, body: '' }]);
  });

  it('the client reads a response that arrives in chunks, even if one ends inside a character', async () => {
    const text = Buffer.from('{"message":"Größe"}');
    const baseUrl = await listen((_req, _body, res) => {
      const middle = text.indexOf(0xc3) + 1;
      res.write(text.subarray(0, middle), () => setImmediate(() => res.end(text.subarray(middle))));
    });
    const { body } = await new HttpClient({ baseUrl, timeoutMs: 1_000 }).request(POST);
    assert.equal(body, text.toString());
  });

  it('a call whose answer trickles in ends at the deadline, and its connection closes', async (t) => {
    let closed: Promise<unknown> | undefined;
    const baseUrl = await listen((req, _body, res) => {
      closed = new Promise((resolve) => req.socket.once('close', resolve));
      res.write('{"sid":');
      t.mock.timers.tick(999);
      res.write('"VE1"', () => t.mock.timers.tick(1));
    });
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const call = new HttpClient({ baseUrl, timeoutMs: 1_000 }).request(POST);
    await assert.rejects(call, { code: 'ETIMEDOUT', wasSent: true });
    await closed;
  });

  it('a call without a connection at the deadline was not sent', async (t) => {
    const silent = net.createServer(() => t.mock.timers.tick(1_000)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    t.after(() => silent.close());
    t.mock.timers.enable({ apis: ['setTimeout'] });
    // The server never answers the TLS handshake.
    const baseUrl = `https://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const call = new HttpClient({ baseUrl, timeoutMs: 1_000 }).request(POST);
    await assert.rejects(call, { code: 'ETIMEDOUT', wasSent: false });
  });

  it('an answer of more than a megabyte is refused', async () => {
    const baseUrl = await listen((_req, _body, res) => void res.end(Buffer.alloc(1_100_000, 'a')));
    const call = new HttpClient({ baseUrl, timeoutMs: 10_000 }).request(POST);
    await assert.rejects(call, { code: 'UND_ERR_RES_EXCEEDED_MAX_SIZE', wasSent: true });
  });

  it('an answer that breaks off is an error, and the call may have been sent', async () => {
    const baseUrl = await listen((req, _body, res) => {
      res.writeHead(200, { 'Content-Length': 100 });
      res.write('{"sid":', () => req.socket.destroy());
    });
    const call = new HttpClient({ baseUrl, timeoutMs: 10_000 }).request(POST);
    await assert.rejects(call, { code: /ECONNRESET|UND_ERR_SOCKET/, wasSent: true });
  });

  for (const { name, before } of [
    { name: 'a new connection', before: 0 },
    { name: 'a connection that was kept', before: 1 },
  ]) {
    it(`a POST that is reset on ${name} is sent once, and its error holds no secret`, async () => {
      let requests = 0;
      const baseUrl = await listen((req, _body, res) => {
        requests += 1;
        if (requests > before) req.socket.resetAndDestroy();
        else res.end('{}');
      });
      const client = new HttpClient({ baseUrl, timeoutMs: 10_000 });
      for (let round = 0; round < before; round += 1) await client.request(POST);
      await assert.rejects(client.request(POST), (error) => {
        assert.ok(error instanceof ConnectionError && error.wasSent);
        assert.match(error.code ?? '', /ECONNRESET|UND_ERR_SOCKET/);
        assert.doesNotMatch(inspect(error, { depth: 10, showHidden: true }), /the password|482913|Basic /);
        return true;
      });
      await new Promise(setImmediate);
      assert.equal(requests, before + 1);
    });
  }

  it('a refused connection has the code and the address, and the call was not sent', async () => {
    const baseUrl = await listen(() => undefined);
    await new Promise((resolve) => server?.close(resolve));
    await assert.rejects(new HttpClient({ baseUrl, timeoutMs: 10_000 }).request(POST), {
      code: 'ECONNREFUSED',
      message: `ECONNREFUSED at ${new URL(baseUrl).host}`,
      origin: baseUrl,
      wasSent: false,
    });
  });

  it('a name that DNS does not know has the code, and the call was not sent', async () => {
    const client = new HttpClient({ baseUrl: 'http://no-such-host.invalid', timeoutMs: 10_000 });
    await assert.rejects(client.request(POST), { code: /ENOTFOUND|EAI_AGAIN/, wasSent: false });
  });

  it('a connection that is reset in the TLS handshake was not sent', async (t) => {
    const resetting = net.createServer((socket) => void socket.once('data', () => socket.resetAndDestroy()));
    resetting.listen(0, '127.0.0.1');
    await once(resetting, 'listening');
    t.after(() => resetting.close());
    const baseUrl = `https://127.0.0.1:${(resetting.address() as AddressInfo).port}`;
    const call = new HttpClient({ baseUrl, timeoutMs: 10_000 }).request(POST);
    await assert.rejects(call, { code: 'ECONNRESET', wasSent: false });
  });
});
