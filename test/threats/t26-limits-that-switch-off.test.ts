/**
 * T26. Attacker: a fraudster who earns money from messages and has many IP addresses, or claims to. Goal: an address, an
 * answer, or an argument that the limits can't read, and that therefore counts nowhere. Defense: every IP address
 * counts in its own subnet, private or not, and unreadable ones share one counter. A send or a guess counts unless it
 * can't have happened.
 */
import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { isIn, type RunningExample, send, startExample } from './support/example.js';
import { callsOf, lastCode, wrongCode } from './support/look.js';
import { stopTheClock } from './support/time.js';

const MANY = [{ points: 10_000, durationSeconds: 600 }];
const TWO_PER_IP = {
  sendsPerUser: MANY,
  sendsPerAddress: MANY,
  sendsPerIp: [{ points: 2, durationSeconds: 3_600 }],
};

/** The example, which trusts every address in `X-Forwarded-For`. */
const start = () =>
  startExample({
    emulator: { maxSends: 1_000 },
    trustProxy: true,
    twoFactor: { retryTimeSeconds: 0, limits: TWO_PER_IP },
  });

/** Registers one number per IP address, and returns how many codes were sent. */
async function sendsFrom(example: RunningExample, ips: readonly string[]): Promise<number> {
  const before = callsOf(example, 'create');
  const browser = await example.signedIn('bob');
  for (const [index, ip] of ips.entries()) {
    const phoneNumber = `+1202557${String(index).padStart(4, '0')}`;
    await browser.post('/2fa/register', { country: 'US', phoneNumber, method: 'sms' }, { 'x-forwarded-for': ip });
  }
  return callsOf(example, 'create') - before;
}

const times = (count: number, ip: (index: number) => string) => Array.from({ length: count }, (_, index) => ip(index));

describe('T26: IP addresses that might not count', () => {
  stopTheClock();

  const rows: readonly { name: string; ips: readonly string[]; sent: number }[] = [
    { name: 'a claimed private address counts', ips: times(6, () => '10.0.0.5'), sent: 2 },
    { name: 'a claimed loopback address counts', ips: times(6, () => '127.0.0.1'), sent: 2 },
    { name: 'a claimed private IPv6 address counts', ips: times(6, (index) => `fd00::${index}`), sent: 2 },
    { name: 'private addresses count separately', ips: times(6, (index) => `10.0.0.${index % 3}`), sent: 6 },
    {
      name: 'two notations of an IPv4 address count together',
      ips: ['8.8.8.8', '::ffff:8.8.8.8', '::ffff:808:808'],
      sent: 2,
    },
    { name: 'IPv4-mapped addresses count separately', ips: times(6, (index) => `::ffff:808:80${index % 3}`), sent: 6 },
    { name: 'NAT64 addresses count separately', ips: times(6, (index) => `64:ff9b::8.8.8.${index % 3}`), sent: 6 },
    {
      name: 'a NAT64 address counts together with its IPv4 address',
      ips: ['8.8.8.8', '64:ff9b::8.8.8.8', '64:ff9b::808:808'],
      sent: 2,
    },
    { name: 'zone IDs change nothing', ips: times(6, (index) => `fe80::1%eth${index}`), sent: 2 },
    { name: 'unreadable addresses share one counter', ips: times(6, (index) => `nobody-${index}`), sent: 2 },
    { name: 'a /64 has one counter', ips: times(6, (index) => `2001:db8:1:2::${index + 1}`), sent: 2 },
    {
      name: 'a /48 has ten times the limit',
      ips: times(30, (index) => `2001:db8:1:${index.toString(16)}::1`),
      sent: 20,
    },
    { name: 'another /48 counts separately', ips: times(30, (index) => `2001:db8:${index.toString(16)}::1`), sent: 30 },
  ];
  for (const { name, ips, sent } of rows) it(name, async () => assert.equal(await sendsFrom(await start(), ips), sent));
});

/** Faults that an attacker on the way to Twilio can cause after the call arrived there. */
const LOST = [
  { name: 'an answer that is late', fault: { delayMs: 5_000, takesEffect: true } },
  { name: 'a connection that is dropped', fault: { drop: true, takesEffect: true } },
  { name: 'a 503', fault: { status: 503, body: '', takesEffect: true } },
  { name: 'an answer that is HTML', fault: { status: 200, body: '<html>', takesEffect: true } },
];

describe('T26: sends without an answer', () => {
  stopTheClock();

  const TWO_PER_USER = { limits: { sendsPerUser: [{ points: 2, durationSeconds: 600 }] }, retryTimeSeconds: 0 };
  const trySixTimes = async (example: RunningExample) => {
    const browser = await example.signedIn('alice');
    for (let attempt = 0; attempt < 6; attempt += 1) await browser.post('/2fa', { method: 'sms' });
    return browser;
  };

  for (const { name, fault } of LOST) {
    it(`${name} counts, because the code was delivered`, { timeout: 20_000 }, async () => {
      const example = await startExample({ twoFactor: { ...TWO_PER_USER, timeoutSeconds: 1 } });
      example.emulator.fail({ call: 'create', times: Number.POSITIVE_INFINITY, ...fault });
      await trySixTimes(example);
      assert.equal(example.emulator.messages().length, 2);
    });
  }

  it('a send without an answer counts, but starts no resend delay', async () => {
    const example = await startExample();
    example.emulator.fail({ call: 'create', drop: true, takesEffect: true, times: Number.POSITIVE_INFINITY });
    await trySixTimes(example);
    assert.equal(callsOf(example, 'create'), 5, 'five codes in ten minutes');
  });

  it('a send without a connection does not count', async () => {
    const server = http.createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const example = await startExample({ twoFactor: { ...TWO_PER_USER, baseUrl: `http://127.0.0.1:${port}` } });
    const browser = await trySixTimes(example);
    const api = http.createServer((req, res) => {
      const onward = http.request(new URL(req.url ?? '/', example.emulator.url), {
        method: 'POST',
        headers: req.headers,
      });
      onward.on('response', (answer) => answer.pipe(res.writeHead(answer.statusCode ?? 502, answer.headers)));
      req.pipe(onward);
    });
    await new Promise<void>((resolve) => api.listen(port, '127.0.0.1', resolve));
    try {
      assert.equal((await browser.post('/2fa', { method: 'sms' })).location, '/2fa/verify');
    } finally {
      api.closeAllConnections();
      api.close();
    }
  });

  it('a 4xx does not count', async () => {
    const example = await startExample({ twoFactor: TWO_PER_USER });
    example.emulator.fail({ call: 'create', status: 404, body: '', times: 6 });
    const browser = await trySixTimes(example);
    assert.equal((await browser.post('/2fa', { method: 'sms' })).location, '/2fa/verify');
  });
});

describe('T26: guesses without an answer', () => {
  stopTheClock();

  const THREE = { limits: { wrongCodesPerLock: 3 }, retryTimeSeconds: 0, timeoutSeconds: 1 };
  for (const { name, fault } of LOST) {
    it(`${name} counts as a wrong code, because Twilio checked it`, { timeout: 20_000 }, async () => {
      const example = await startExample({ twoFactor: THREE });
      const browser = await example.waiting('alice');
      const handle = example.emulator.fail({ call: 'check', times: Number.POSITIVE_INFINITY, ...fault });
      for (let distance = 1; distance <= 6; distance += 1) {
        await browser.post('/2fa/verify', { code: wrongCode(example, undefined, distance) });
      }
      assert.equal(handle.hits, 3);
      assert.notEqual(await example.lockedUntil('1'), null);
    });
  }

  it('a right code whose answer is lost counts once, and the next right code clears it', async () => {
    const example = await startExample({ twoFactor: THREE });
    const browser = await example.waiting('alice');
    example.emulator.fail({ call: 'check', drop: true, takesEffect: true });
    await browser.post('/2fa/verify', { code: lastCode(example) });
    assert.equal(await isIn(browser), false);
    await browser.post('/2fa/verify', { code: lastCode(example) });
    await send(browser, 'call');
    await browser.post('/2fa/verify', { code: lastCode(example) });
    assert.equal(await isIn(browser), true);
    assert.equal(await example.lockedUntil('1'), null);
  });

  it('a guess without a connection does not count', async () => {
    const example = await startExample({ twoFactor: THREE });
    const browser = await example.waiting('alice');
    const code = wrongCode(example);
    await example.emulator.stop();
    for (let attempt = 0; attempt < 6; attempt += 1) await browser.post('/2fa/verify', { code });
    assert.equal(await example.lockedUntil('1'), null);
  });

  it('a guess that Twilio refuses with a 4xx does not count', async () => {
    const example = await startExample({ twoFactor: THREE });
    const browser = await example.waiting('alice');
    example.emulator.fail({ call: 'check', status: 403, body: '', times: 6 });
    for (let attempt = 0; attempt < 6; attempt += 1) await browser.post('/2fa/verify', { code: wrongCode(example) });
    assert.equal(await example.lockedUntil('1'), null);
    await browser.post('/2fa/verify', { code: lastCode(example) });
    assert.equal(await isIn(browser), true);
  });
});

describe('T26: invalid users', () => {
  stopTheClock();

  const action = { actor: 'ops', reason: 'case 7' };
  for (const given of [undefined, null]) {
    it(`admin.unlock and admin.lockedUntil reject ${given}`, async () => {
      const { admin } = (await startExample()).twoFactor;
      const isTypeError = { name: 'TypeError', message: /needs the user, as req\.user would be/ };
      await assert.rejects(admin.unlock(given as never, action), isTypeError);
      await assert.rejects(admin.lockedUntil(given as never), isTypeError);
    });
  }

  for (const given of ['1', '', {}, [], Number.NaN, true, { username: 'alice' }] as never[]) {
    it(`admin.unlock and admin.lockedUntil reject ${JSON.stringify(given)}, which has no ID`, async () => {
      const { admin } = (await startExample()).twoFactor;
      await assert.rejects(admin.unlock(given, action), { code: 'ERR_TWILIO_VERIFY_USER_ID' });
      await assert.rejects(admin.lockedUntil(given), { code: 'ERR_TWILIO_VERIFY_USER_ID' });
    });
  }
});
