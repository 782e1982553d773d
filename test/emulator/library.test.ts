import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { describe, it } from 'node:test';
import {
  type EmulatorClock,
  type EmulatorMessage,
  startVerifyEmulator,
  type VerifyEmulatorOptions,
} from '../../src/emulator/index';
import { connect } from './support/client';
import { ALICE, BOB, callApi, START_MS, setUp, stopAfterEach } from './support/fixture';

stopAfterEach();

/** The range of the clock: the years 2000 to 9999. */
const FIRST_MS = Date.UTC(2000, 0, 1);
const LAST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

describe('messages and requests', () => {
  it('list the messages to one phone number, or to all', async () => {
    const { emulator, send } = await setUp();
    const { sid } = await send(ALICE);
    await send(BOB, 'call');
    assert.deepEqual(
      emulator.messages().map((message) => message.to),
      [ALICE, BOB],
    );
    const [message] = emulator.messages(ALICE);
    assert.equal(message?.verificationSid, sid);
    assert.equal(message?.sentAt, new Date(START_MS).toISOString());
  });

  it('hand each message to onMessage, whose faults stay its own', async () => {
    const seen: EmulatorMessage[] = [];
    const { send } = await setUp({
      onMessage: (message) => {
        seen.push(message);
        throw new Error('the listener fails');
      },
    });
    assert.equal((await send()).status, 'pending');
    assert.equal(seen[0]?.to, ALICE);
  });

  it('keep the last thousand', async () => {
    const { emulator } = await setUp();
    const headers = { Authorization: '' };
    for (let index = 0; index < 1_005; index += 1) await callApi(emulator, `/v2/Services?${index}`, { headers });
    assert.equal(emulator.requests().length, 1_000);
  });

  it('log no parameters: no code of a check, no query, no credentials', async () => {
    const { emulator, client, send, check } = await setUp();
    await send();
    await check('918273');
    await client.lookups.v2.phoneNumbers(ALICE).fetch({ firstName: 'Alice' });
    const text = JSON.stringify(emulator.requests());
    for (const secret of ['918273', await emulator.codeFor(ALICE), 'Alice', emulator.authToken]) {
      assert.ok(!text.includes(secret), secret);
    }
    assert.deepEqual(Object.keys(emulator.requests()[0] ?? {}), ['method', 'path', 'status', 'code', 'at']);
  });
});

describe('reset', () => {
  it('brings everything back to the start', async () => {
    const { emulator, client, service, send } = await setUp({ serviceName: 'Acme' });
    const { sid } = await send();
    await service.update({ friendlyName: 'Changed' });
    const other = await client.verify.v2.services.create({ friendlyName: 'Other' });
    await service.rateLimits.create({ uniqueName: 'limit' });
    emulator.clock.advance(1_000);
    emulator.fail({ drop: true });
    emulator.reset();
    assert.deepEqual([emulator.messages(), emulator.requests()], [[], []]);
    assert.equal(emulator.clock.now(), START_MS);
    assert.equal((await service.fetch()).friendlyName, 'Acme');
    assert.deepEqual(await service.rateLimits.list(), []);
    await assert.rejects(client.verify.v2.services(other.sid).fetch(), { code: 20404 });
    await assert.rejects(service.verifications(sid).fetch(), { code: 20404 });
  });
});

describe('the clock', () => {
  it('moves forward and to a time, and continues with its base', async () => {
    let now = START_MS;
    const { emulator } = await setUp({ now: () => now });
    emulator.clock.advance(500);
    assert.equal(emulator.clock.now(), START_MS + 500);
    emulator.clock.set(START_MS - 1_000);
    now += 7;
    assert.equal(emulator.clock.now(), START_MS - 993);
  });

  it('an answer has its time in the Date header', async () => {
    const { emulator } = await setUp();
    emulator.clock.advance(90_500);
    const { headers } = await callApi(emulator, '/v2/Services');
    assert.equal(headers.get('date'), new Date(START_MS + 90_500).toUTCString());
  });

  it('refuses to go back, and refuses anything but a number', async () => {
    const { emulator } = await setUp();
    assert.throws(() => emulator.clock.advance(-1), TypeError);
    assert.throws(() => emulator.clock.advance(Number.POSITIVE_INFINITY), TypeError);
    assert.throws(() => emulator.clock.set(Number.NaN), TypeError);
  });

  for (const { name, move } of [
    { name: 'advance past the last date', move: (clock: EmulatorClock) => clock.advance(8.64e15) },
    { name: 'advance past the year 9999', move: (clock: EmulatorClock) => clock.advance(LAST_MS + 1 - START_MS) },
    { name: 'set after the year 9999', move: (clock: EmulatorClock) => clock.set(LAST_MS + 1) },
    { name: 'set before the year 2000', move: (clock: EmulatorClock) => clock.set(FIRST_MS - 1) },
  ]) {
    it(`refuses to ${name}, and stays where it was`, async () => {
      const { emulator, send } = await setUp();
      emulator.clock.advance(1_000);
      assert.throws(() => move(emulator.clock), RangeError);
      assert.equal(emulator.clock.now(), START_MS + 1_000);
      assert.equal((await send()).dateCreated.getTime(), START_MS + 1_000);
    });
  }

  for (const ms of [FIRST_MS, LAST_MS]) {
    it(`serves calls at ${new Date(ms).toISOString()}`, async () => {
      const { emulator, send } = await setUp();
      emulator.clock.set(ms);
      assert.equal((await send()).status, 'pending');
      assert.equal(emulator.messages()[0]?.sentAt, new Date(ms).toISOString());
    });
  }
});

describe('a clock of the caller that fails', () => {
  it('makes calls fail, and leaves the process running', async () => {
    let now: () => number = () => START_MS;
    const warnings: string[] = [];
    const note = (warning: Error) => warnings.push(warning.message);
    process.on('warning', note);
    const { send } = await setUp({ now: () => now() });
    now = () => {
      throw new Error('no time');
    };
    await assert.rejects(send());
    now = () => START_MS;
    assert.equal((await send()).status, 'pending');
    process.off('warning', note);
    assert.deepEqual(warnings, ['no time']);
  });
});

describe('starting and stopping', () => {
  it('runs several at once, each with its own codes', async () => {
    const [one, two] = await Promise.all([setUp(), setUp()]);
    await one.send();
    assert.equal(one.emulator.messages().length, 1);
    assert.equal(two.emulator.messages().length, 0);
  });

  it('leaves nothing open, not even a connection that is kept alive or a page that follows', async () => {
    const emulator = await startVerifyEmulator();
    await connect(emulator).verify.v2.services(emulator.serviceSid).fetch();
    const page = await fetch(`${emulator.url}/emulator/events`);
    await emulator.stop();
    await assert.rejects(page.text());
    await assert.rejects(fetch(emulator.url));
    const kinds = process.getActiveResourcesInfo();
    assert.ok(!kinds.includes('TCPServerWrap'), kinds.join());
  });

  it('stops twice without an error', async () => {
    const emulator = await startVerifyEmulator();
    await emulator.stop();
    await emulator.stop();
  });

  it('rejects where the port is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const address = taken.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await assert.rejects(startVerifyEmulator({ port }), { code: 'EADDRINUSE' });
    taken.close();
  });
});

describe('options', () => {
  for (const { name, options } of [
    { name: 'port', options: { port: 70_000 } },
    { name: 'host', options: { host: '' } },
    { name: 'accountSid', options: { accountSid: 'AC1' } },
    { name: 'authToken', options: { authToken: '' } },
    { name: 'apiKey', options: { apiKey: 'a:b', apiSecret: 'x' } },
    { name: 'apiSecret', options: { apiKey: 'SK1' } },
    { name: 'serviceSid', options: { serviceSid: 'VE1' } },
    { name: 'serviceName', options: { serviceName: 'x'.repeat(31) } },
    { name: 'codeLength', options: { codeLength: 3 } },
    { name: 'customCodeEnabled', options: { customCodeEnabled: 'yes' } },
    { name: 'channels', options: { channels: ['fax'] } },
    { name: 'ttlSeconds', options: { ttlSeconds: 0 } },
    { name: 'maxSends', options: { maxSends: 0 } },
    { name: 'maxChecks', options: { maxChecks: 1.5 } },
    { name: 'maxVerifications', options: { maxVerifications: 0 } },
    { name: 'now', options: { now: 5 } },
    { name: 'onMessage', options: { onMessage: 'log' } },
    { name: 'onNotEmulated', options: { onNotEmulated: 'log' } },
    { name: 'afterMaxChecks', options: { afterMaxChecks: 'delete' } },
    { name: 'checkWithoutPending', options: { checkWithoutPending: 'ok' } },
    { name: 'customCodeNotEnabled', options: { customCodeNotEnabled: true } },
    { name: 'unknownLocale', options: { unknownLocale: 404 } },
    { name: 'checkStatus', options: { checkStatus: 204 } },
    { name: 'colour', options: { colour: 'red' } },
  ]) {
    it(`refuses a wrong ${name} by its name`, async () => {
      await assert.rejects(startVerifyEmulator(options as VerifyEmulatorOptions), {
        name: 'TypeError',
        message: new RegExp(`"${name}"`),
      });
    });
  }

  it('sets account, token, service and channels', async () => {
    const { emulator, send } = await setUp({
      accountSid: `AC${'1'.repeat(32)}`,
      authToken: 'a token',
      serviceSid: `VA${'2'.repeat(32)}`,
      channels: ['sms'],
    });
    assert.equal((await send()).accountSid, `AC${'1'.repeat(32)}`);
    await assert.rejects(send(ALICE, 'call'), { status: 400, code: 60223 });
    assert.equal(emulator.serviceSid, `VA${'2'.repeat(32)}`);
  });
});
