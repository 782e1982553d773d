import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import http, { type ServerResponse } from 'node:http';
import http2 from 'node:http2';
import net, { type AddressInfo, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import compression from 'compression';
import { endInOneWrite } from '../../../src/pages/end-response.js';
import { startTestApp, type TestAppOptions } from '../../support/test-app.js';

/** An app that counts the writes to each socket, and a browser with a pending code. */
async function countedApp(options: TestAppOptions = {}) {
  const writes: number[] = [];
  const seen = new WeakSet<Socket>();
  const app = await startTestApp({
    ...options,
    before: (server) => {
      server.use((req, _res, next) => {
        const { socket } = req as unknown as { socket: Socket & { _write: unknown; _writev: unknown } };
        if (!seen.has(socket)) {
          seen.add(socket);
          for (const name of ['_write', '_writev'] as const) {
            const original = socket[name] as (...args: unknown[]) => unknown;
            socket[name] = (...args: unknown[]) => {
              writes.push(1);
              return original.apply(socket, args);
            };
          }
        }
        next();
      });
      options.before?.(server);
    },
  });
  const browser = await app.signedIn('ann');
  await browser.post('/2fa', { method: 'sms' });
  return { app, browser, writes };
}

/** Sets a header when the headers are written, as the package `on-headers` does. */
function setLate(res: ServerResponse, name: string, value: string): void {
  const original = res.writeHead;
  res.writeHead = (...args: unknown[]) => {
    res.setHeader(name, value);
    return original.apply(res, args as never);
  };
}

/** Sends raw requests over one connection, and resolves with everything that comes back. */
async function exchange(url: string, text: string): Promise<Buffer> {
  const { hostname, port } = new URL(url);
  const socket = net.connect(Number(port), hostname);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  // An answer that never ends is cut off, and a test fails.
  socket.setTimeout(10_000, () => socket.destroy());
  socket.write(text);
  await once(socket, 'close');
  return Buffer.concat(chunks);
}

const request = (path: string, cookie: string, headers = '') =>
  `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/html\r\nCookie: ${cookie}\r\n${headers}\r\n`;

const cookieOf = (cookies: ReadonlyMap<string, string>) =>
  [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');

describe('the response of a page', () => {
  it('a page whose session is saved goes out in one write', async () => {
    const { browser, writes } = await countedApp();
    writes.length = 0;
    const { status, text } = await browser.get('/2fa/verify');
    assert.equal(status, 200);
    assert.ok(text.endsWith('</html>\n') || text.endsWith('</html>'));
    assert.equal(writes.length, 1);
  });

  const waits: readonly { call: 'touch' | 'set'; what: string; options?: TestAppOptions; headers?: string }[] = [
    { call: 'touch', what: 'touched the session' },
    { call: 'set', what: 'saved the session' },
    {
      call: 'touch',
      what: 'touched the session, with compression',
      options: { before: (server) => server.use(compression({ threshold: 0 })) },
      headers: 'Accept-Encoding: gzip\r\n',
    },
  ];
  for (const { call, what, options, headers = '' } of waits) {
    it(`a page isn't sent before the store has ${what}`, async () => {
      const { app, browser } = await countedApp(options);
      // Taken off the session with the page, so that it changes.
      if (call === 'set') await browser.post('/2fa/verify', { code: '12' });
      let hasFinished = false;
      const original = app.store[call].bind(app.store);
      app.store[call] = async (sid, data, done) => {
        // A page that was sent too early would arrive during a request on another connection.
        await app.client().get('/nowhere');
        hasFinished = true;
        original(sid, data, done);
      };
      const { hostname, port } = new URL(app.url);
      const socket = net.connect(Number(port), hostname);
      socket.write(request('/2fa/verify', cookieOf(browser.cookies), `Connection: close\r\n${headers}`));
      let answer = '';
      for await (const chunk of socket.setEncoding('latin1')) {
        assert.equal(hasFinished, true);
        answer += chunk;
      }
      assert.match(answer, /^HTTP\/1\.1 200 OK/);
    });
  }

  it('pipelined requests get whole responses in their order', async () => {
    const { app, browser } = await countedApp();
    const cookie = cookieOf(browser.cookies);
    const answer = await exchange(
      app.url,
      request('/2fa/verify', cookie) +
        request('/2fa', cookie) +
        request('/2fa/verify', cookie, 'Connection: close\r\n'),
    );
    const bodies = answer.toString().split('HTTP/1.1 200 OK').slice(1);
    assert.equal(bodies.length, 3);
    const isCodePage = bodies.map((body) => body.includes('name="code"'));
    assert.deepEqual(isCodePage, [true, false, true]);
    for (const body of bodies) assert.match(body, /<\/html>\s*$/);
  });

  it('compression keeps the page whole', async () => {
    const { app, browser } = await countedApp({
      before: (server) => server.use(compression({ threshold: 0 })),
    });
    const headers = 'Accept-Encoding: gzip\r\nConnection: close\r\n';
    const answer = await exchange(app.url, request('/2fa/verify', cookieOf(browser.cookies), headers));
    const split = answer.indexOf('\r\n\r\n');
    assert.match(answer.subarray(0, split).toString(), /content-encoding: gzip/i);
    const body = dechunk(answer.subarray(split + 4));
    assert.match(gunzipSync(body).toString(), /name="code"[\s\S]*<\/html>\s*$/);
  });

  const heads: readonly { what: string; set: (res: ServerResponse) => unknown; line: string }[] = [
    { what: 'a header', set: (res) => res.setHeader('X-Name', 'José'), line: 'X-Name: José' },
    { what: 'one of two', set: (res) => res.setHeader('X-Names', ['Ann', 'José']), line: 'X-Names: José' },
    { what: 'a late header', set: (res) => setLate(res, 'X-Late', 'José'), line: 'X-Late: José' },
    { what: 'the status line', set: (res) => Object.assign(res, { statusMessage: 'José' }), line: '200 José' },
  ];
  for (const { what, set, line } of heads) {
    it(`headers of the app keep their bytes: ${what}`, async () => {
      const { app, browser } = await countedApp({
        before: (server) =>
          server.use((_req, res, next) => {
            set(res);
            next();
          }),
      });
      const close = 'Connection: close\r\n';
      const answer = await exchange(app.url, request('/2fa/verify', cookieOf(browser.cookies), close));
      assert.ok(answer.includes(Buffer.from(`${line}\r\n`, 'latin1')), 'in Latin-1, as HTTP has them');
      assert.ok(answer.includes(Buffer.from('Didn’t get a code?')), 'and the page in UTF-8');
    });
  }

  for (const length of [100, 20_000]) {
    it(`a response of ${length} bytes without a session keeps the bytes of its headers`, async () => {
      const text = 'ä'.repeat(length / 2);
      const server = http.createServer((_req, res) => {
        res.setHeader('X-Name', 'José');
        endInOneWrite(res, text);
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      try {
        const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
        const answer = await exchange(url, request('/', '', 'Connection: close\r\n'));
        assert.ok(answer.includes(Buffer.from('X-Name: José\r\n', 'latin1')));
        assert.ok(answer.includes(Buffer.from(`\r\n\r\n${text}`)));
      } finally {
        server.close();
      }
    });
  }

  it('compression keeps a page whole that fills the socket', async () => {
    // Its noise can't be compressed.
    const noise = randomBytes(50_000).toString('base64');
    const { app, browser } = await countedApp({
      before: (server) => server.use(compression({ threshold: 0 })),
      twoFactor: { strings: { en: { 'start.legend': noise } } },
    });
    const headers = 'Accept-Encoding: gzip\r\nConnection: close\r\n';
    const answer = await exchange(app.url, request('/2fa', cookieOf(browser.cookies), headers));
    assert.ok(answer.toString('latin1').endsWith('\r\n0\r\n\r\n'), 'the last chunk');
    assert.ok(gunzipSync(dechunk(answer.subarray(answer.indexOf('\r\n\r\n') + 4))).includes(noise));
  });

  it('a response without cork, as in HTTP/2, ends with its whole body', async () => {
    const server = http2.createServer((_req, res) => endInOneWrite(res as never, 'whole'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    try {
      const stream = client.request({ ':path': '/' });
      let text = '';
      for await (const chunk of stream.setEncoding('utf8')) text += chunk;
      assert.equal(text, 'whole');
    } finally {
      client.close();
      server.close();
    }
  });
});

/** Joins the chunks of a chunked body. */
function dechunk(body: Buffer): Buffer {
  const parts: Buffer[] = [];
  let rest = body;
  for (;;) {
    const end = rest.indexOf('\r\n');
    const length = Number.parseInt(rest.subarray(0, end).toString(), 16);
    if (!length) return Buffer.concat(parts);
    parts.push(rest.subarray(end + 2, end + 2 + length));
    rest = rest.subarray(end + 2 + length + 2);
  }
}
