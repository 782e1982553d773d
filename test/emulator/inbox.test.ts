import assert from 'node:assert/strict';
import { request } from 'node:http';
import { describe, it } from 'node:test';
import type { VerifyEmulator } from '../../src/emulator/index';
import { ALICE, BOB, setUp, stopAfterEach } from './support/fixture';

stopAfterEach();

const page = async (emulator: VerifyEmulator, path = '/') => (await fetch(emulator.url + path)).text();

/** Returns the position at which a page starts to follow the stream. */
const positionIn = (text: string) => /data-position="([^"]+)"/.exec(text)?.[1] ?? '';

/** Requests a path with another host name, as a browser does after DNS rebinding. `fetch` cannot set it. */
function statusFor(emulator: VerifyEmulator, host: string, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request(emulator.url + path, { headers: { Host: host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asked.on('error', reject).end();
  });
}

describe('the inbox as JSON', () => {
  it('lists the messages, newest last', async () => {
    const { emulator, send } = await setUp();
    await send(ALICE);
    await send(BOB, 'whatsapp');
    const response = await fetch(`${emulator.url}/emulator/messages`);
    assert.match(response.headers.get('content-type') ?? '', /^application\/json/);
    assert.deepEqual(await response.json(), emulator.messages());
    const [first] = emulator.messages();
    for (const field of ['to', 'channel', 'code', 'verificationSid', 'sentAt'])
      assert.ok(first && field in first, field);
  });

  it('lists those of one number', async () => {
    const { emulator, send } = await setUp();
    await send(ALICE);
    await send(BOB);
    const response = await fetch(`${emulator.url}/emulator/messages?to=${encodeURIComponent(BOB)}`);
    assert.deepEqual(await response.json(), emulator.messages(BOB));
  });

  for (const to of [ALICE, 'ann+test@mail.example']) {
    it(`reads a plus in the query as a plus: ${to}`, async () => {
      const { emulator, send } = await setUp();
      await send(to, to.includes('@') ? 'email' : 'sms');
      await send(BOB);
      const response = await fetch(`${emulator.url}/emulator/messages?to=${to}`);
      assert.equal(emulator.messages(to).length, 1);
      assert.deepEqual(await response.json(), emulator.messages(to));
      assert.equal((await page(emulator, `/?to=${to}`)).match(/class="message/g)?.length, 1);
    });
  }

  it('lists the calls of the API', async () => {
    const { emulator, send, check } = await setUp();
    await send();
    await check('123').catch(() => undefined);
    const response = await fetch(`${emulator.url}/emulator/requests`);
    assert.deepEqual(await response.json(), emulator.requests());
    assert.deepEqual(
      emulator.requests().map(({ method, status, code }) => [method, status, code]),
      [
        ['POST', 201, null],
        ['POST', 400, 60200],
      ],
    );
  });
});

describe('the inbox as a page', () => {
  it('shows that there are no messages yet', async () => {
    const { emulator } = await setUp();
    assert.match(await page(emulator), /No messages yet/);
  });

  it('shows each message as what it is', async () => {
    const { emulator, send } = await setUp();
    for (const channel of ['sms', 'call', 'whatsapp']) await send(ALICE, channel);
    const text = await page(emulator);
    const code = await emulator.codeFor(ALICE);
    assert.match(text, new RegExp(`class="message sms"[^]*?${code}`));
    assert.match(text, new RegExp(`class="message call"[^]*?Incoming call[^]*?${code.split('').join(' ')}`));
    assert.match(text, new RegExp(`class="message whatsapp"[^]*?${code}`));
  });

  it('shows the messages to one phone number, and the list of all phone numbers', async () => {
    const { emulator, send } = await setUp();
    await send(ALICE);
    await send(BOB);
    const text = await page(emulator, `/?to=${encodeURIComponent(BOB)}`);
    assert.equal(text.match(/class="message/g)?.length, 1);
    assert.match(text, /\+1 202 555 0123/);
  });

  it('supports screen readers and browsers without a script', async () => {
    const { emulator, send } = await setUp();
    await send();
    const text = await page(emulator);
    assert.match(text, /<html lang="en">/);
    assert.match(text, /role="log" aria-live="polite"/);
    assert.match(text, /<noscript><meta http-equiv="refresh"/);
    assert.match(text, /<p lang="en" dir="auto">/);
  });

  it('escapes everything that came in', async () => {
    const { emulator, service } = await setUp();
    const name = `<b onload='x'>&"`;
    await service.verifications.create({ to: ALICE, channel: 'whatsapp', customFriendlyName: name });
    const text = await page(emulator, `/?to=${encodeURIComponent('"><script>alert(1)</script>')}`);
    assert.ok(!text.includes('<script>alert'));
    for (const path of ['/', '/emulator/events']) {
      const response = await fetch(emulator.url + path);
      const reader = response.body?.getReader();
      let shown = '';
      while (!shown.includes('onload')) shown += new TextDecoder().decode((await reader?.read())?.value);
      await reader?.cancel();
      assert.ok(!shown.includes('<b onload') && shown.includes('&lt;b onload=&#39;x&#39;&gt;&amp;&quot;'), path);
    }
  });

  it('receives every message from the stream', async () => {
    const { emulator, send } = await setUp();
    await send(ALICE);
    const position = positionIn(await page(emulator));
    await send(BOB);
    const response = await fetch(`${emulator.url}/emulator/events?after=${position}`);
    const reader = response.body?.getReader();
    let text = '';
    while (!text.includes('"to"')) text += new TextDecoder().decode((await reader?.read())?.value);
    assert.ok(text.includes(BOB) && !text.includes(ALICE));
    emulator.reset();
    while (!text.includes('event: cleared')) text += new TextDecoder().decode((await reader?.read())?.value);
    await reader?.cancel();
  });

  for (const { when, before } of [
    { when: 'the emulator was restarted', before: async () => 'another-7' },
    {
      when: 'the emulator was reset before the page began to follow',
      before: async ({ emulator, send }: Awaited<ReturnType<typeof setUp>>) => {
        await send(ALICE);
        const position = positionIn(await page(emulator));
        emulator.reset();
        return position;
      },
    },
  ]) {
    it(`reloads when ${when}`, async () => {
      const inbox = await setUp();
      const response = await fetch(`${inbox.emulator.url}/emulator/events?after=${await before(inbox)}`);
      const reader = response.body?.getReader();
      let text = '';
      while (!text.includes('event: cleared')) text += new TextDecoder().decode((await reader?.read())?.value);
      await reader?.cancel();
    });
  }
});

describe('the inbox is contained', () => {
  const paths = ['/', '/emulator/messages', '/emulator/requests', '/emulator/events'];

  for (const host of [
    'evil.example',
    'evil.example:80',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    'evil@127.0.0.1',
    '192.0.2.7',
    'verify',
    'a b',
  ]) {
    it(`does not answer to the host ${JSON.stringify(host)}`, async () => {
      const { emulator, send } = await setUp();
      await send();
      for (const path of paths) assert.ok([400, 403].includes((await statusFor(emulator, host, path)) ?? 0), path);
    });
  }

  for (const host of ['localhost', 'localhost:4010', '127.0.0.1', '[::1]:80', 'app.localhost']) {
    it(`answers to ${host}`, async () => {
      const { emulator } = await setUp();
      assert.equal(await statusFor(emulator, host, '/emulator/messages'), 200);
    });
  }

  it('answers, where it listens more widely, to addresses and to names of a container network', async () => {
    const { emulator } = await setUp({ host: '0.0.0.0' });
    for (const host of ['192.0.2.7:4010', 'verify']) assert.equal(await statusFor(emulator, host, '/'), 200);
    assert.equal(await statusFor(emulator, 'evil.example', '/'), 403);
  });

  it('lets no other site read it, and nothing but itself into it', async () => {
    const { emulator } = await setUp();
    for (const path of paths.slice(0, 3)) {
      const { headers } = await fetch(emulator.url + path, { headers: { Origin: 'https://evil.example' } });
      assert.equal(headers.get('access-control-allow-origin'), null);
      assert.equal(headers.get('cache-control'), 'no-store');
      assert.equal(headers.get('x-content-type-options'), 'nosniff');
      const policy = headers.get('content-security-policy') ?? '';
      assert.match(policy, /default-src 'none'/);
      assert.match(policy, /frame-ancestors 'none'/);
      assert.ok(!policy.includes('unsafe'));
    }
  });

  it('knows nothing but its own pages', async () => {
    const { emulator } = await setUp();
    for (const path of ['/nothing', '/emulator/../etc/passwd', '/emulator/messages/']) {
      assert.equal((await fetch(emulator.url + path)).status, 404);
    }
    assert.equal((await fetch(emulator.url, { method: 'PUT' })).status, 405);
  });
});
