import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, describe, it } from 'node:test';
import express from 'express';
import fc from 'fast-check';
import type { VerificationEvent } from 'passport-twilio-verify';
import { readPhoneNumber } from '../../src/common/address.js';
import type { Client } from '../support/client.js';
import { assertDescribed } from '../support/openapi.js';
import { startTestApp, type TestApp, type TestUser } from '../support/test-app.js';
import { type GeneratedRequest, generatedRequest, SENDERS, type Sender } from './support/generated-request.js';
import { report, seeds } from './support/seeds.js';

const REQUESTS = 10_000;
/** Requests that meet the same sessions. */
const PER_BATCH = 50;
const ANSWERED_WITHIN_MS = 5_000;
const PHONES = { unsent: '+12025550123', waiting: '+12025550101', verified: '+12025550102' };
/** As long as they come: it is not guessed by chance. */
const CODE_LENGTH = 10;
const REGISTERED = '+12025550177';
const WIDE = [{ points: 1_000_000, durationSeconds: 600 }];

type Sessions = Readonly<Record<Exclude<Sender, 'nobody'>, string>>;

/** The parts of a response that the test checks. */
interface Outcome {
  readonly status: number;
  readonly text: string;
}

describe(`${REQUESTS} generated requests`, () => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 16 });
  const sends: VerificationEvent<TestUser>[] = [];
  const delivered: string[] = [];
  let app: TestApp;

  before(async () => {
    app = await startTestApp({
      // Wide enough that what lies behind the limits is reached, too.
      emulator: {
        codeLength: CODE_LENGTH,
        maxSends: 1_000,
        maxChecks: 1_000,
        onMessage: ({ to }) => void delivered.push(to),
      },
      twoFactor: {
        retryTimeSeconds: 0,
        limits: {
          wrongCodesPerLock: 1_000_000,
          wrongCodesInAll: 1_000_000,
          sendsPerUser: WIDE,
          sendsPerAddress: WIDE,
          sendsPerIp: WIDE,
        },
        loginUrl: '/login',
        allowedMethods: ['sms', 'call', 'whatsapp', 'email'],
      },
      routes: (server, passport) => {
        const parsers = [express.urlencoded({ extended: true }), express.json()];
        const strict = { failWithError: true, maxAgeSeconds: 60 };
        server.all('/pay', parsers, passport.authenticate('twilio-2fa'), answerOpen);
        server.all('/strict', parsers, passport.authenticate('twilio-2fa', strict), answerOpen);
      },
    });
    app.strategy.on('verificationSent', (event) => sends.push(event));
  });
  after(() => agent.destroy());

  for (const { name, seed } of seeds()) {
    it(`generated requests all get an answer, never a server error, and open nothing, with ${name}`, async () => {
      let count = 0;
      const batches = fc.array(generatedRequest, { minLength: PER_BATCH, maxLength: PER_BATCH });
      const property = fc.asyncProperty(batches, async (batch) => {
        const sessions = await startSessions();
        // Each session's requests one after the other, which makes a failure repeatable; the sessions side by side.
        await Promise.all(
          SENDERS.map(async (sender) => {
            for (const request of batch.filter((candidate) => candidate.sender === sender)) {
              expectClosed(request, await send(request, sender === 'nobody' ? undefined : sessions[sender]));
              count += 1;
            }
          }),
        );
        await expectNothingOpened(sessions);
        expectOwnAddresses(batch);
      });
      const numRuns = REQUESTS / PER_BATCH / seeds().length;
      await fc.assert(property, {
        seed,
        numRuns,
        endOnFailure: true,
        asyncReporter: async (run) => report(run, false),
      });
      assert.equal(count, REQUESTS / seeds().length);
    });
  }

  /** One session of each kind, as the cookies that a request brings. */
  async function startSessions(): Promise<Sessions> {
    app.emulator.reset();
    sends.length = 0;
    delivered.length = 0;
    for (const id of ['unsent', 'waiting', 'verified'] as const) app.users.set(id, { id, phone: PHONES[id] });
    app.users.set('registering', { id: 'registering' });
    const [unsent, waiting, registering, verified] = await Promise.all([
      app.signedIn('unsent'),
      app.signedIn('waiting'),
      app.signedIn('registering'),
      app.verified('verified'),
    ]);
    assert.equal((await waiting.post('/2fa', { method: 'sms' })).location, '/2fa/verify');
    const typed = { country: 'US', phoneNumber: REGISTERED, method: 'sms' };
    assert.equal((await registering.post('/2fa/register', typed)).location, '/2fa/verify');
    return {
      garbled: cookieOf(verified).replace(/.$/, '~'),
      unsent: cookieOf(unsent),
      waiting: cookieOf(waiting),
      registering: cookieOf(registering),
      verified: cookieOf(verified),
    };
  }

  function send({ method, path, headers, body }: GeneratedRequest, session: string | undefined): Promise<Outcome> {
    const cookies = [headers.cookie, session].filter((cookie) => cookie !== undefined);
    const cookie = cookies.length > 0 ? { cookie: cookies.join('; ') } : {};
    const { hostname, port } = new URL(app.url);
    return new Promise((resolve, reject) => {
      const options = { agent, hostname, port, method, path, timeout: ANSWERED_WITHIN_MS };
      const request = http.request({ ...options, headers: { ...headers, ...cookie, 'content-length': body.length } });
      const timer = setTimeout(() => request.destroy(new Error('no answer')), ANSWERED_WITHIN_MS);
      request.once('error', reject);
      request.once('close', () => clearTimeout(timer));
      request.once('response', (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.once('error', reject);
        response.once('end', () => {
          const { statusCode: status = 0, headers: received } = response;
          try {
            assertDescribed({ method, path, status, headers: received, text });
            resolve({ status, text });
          } catch (error) {
            reject(error);
          }
        });
      });
      request.end(body);
    }).catch((error: unknown) => {
      throw new Error(`${describeRequest({ method, path, headers, body })}: ${error}`);
    }) as Promise<Outcome>;
  }

  /** Only the session that was verified before is verified, and every user's number is unchanged. */
  async function expectNothingOpened(sessions: Sessions): Promise<void> {
    const open = await new Promise<readonly string[]>((resolve, reject) => {
      app.store.all((error, all) => {
        if (error) return reject(error);
        const isOpen = ([, data]: [string, unknown]) => JSON.stringify(data).includes('"verified":');
        resolve(
          Object.entries(all ?? {})
            .filter(isOpen)
            .map(([id]) => id),
        );
      });
    });
    const [own] = decodeURIComponent(sessions.verified.replace('connect.sid=', '')).replace(/^s:/, '').split('.');
    assert.deepEqual(open, [own]);
    const phones = ['unsent', 'waiting', 'registering', 'verified'].map((id) => app.users.get(id)?.phone);
    assert.deepEqual(phones, [PHONES.unsent, PHONES.waiting, undefined, PHONES.verified]);
    await new Promise((resolve) => app.store.clear(resolve));
  }

  /** Every code went to the user's own address, or to a typed number if the user may enter one. */
  function expectOwnAddresses(batch: readonly GeneratedRequest[]): void {
    const readings = batch.flatMap(({ typed }) => typed).map((typed) => readPhoneNumber(typed, 'US', ['US']));
    const typed = [REGISTERED, ...readings.flatMap((reading) => (reading.type === 'phone' ? reading.value : []))];
    for (const { user, purpose, phoneNumber = '' } of sends) {
      if (purpose === 'signIn') assert.equal(phoneNumber, app.users.get(user.id)?.phone);
      else assert.equal(user.id, purpose === 'register' ? 'registering' : 'verified');
      if (purpose !== 'signIn') assert.ok(typed.includes(phoneNumber), `${phoneNumber} was typed`);
    }
    assert.deepEqual(delivered.toSorted(), sends.map(({ phoneNumber }) => phoneNumber ?? '').toSorted());
    const refused = app.emulator.requests().filter(({ code }) => code !== null && code !== 20404);
    assert.deepEqual(refused, [], 'nothing was asked that Verify does not take');
  }
});

const answerOpen: express.RequestHandler = (_req, res) => void res.send('account of nobody');

function expectClosed(request: GeneratedRequest, { status, text }: Outcome): void {
  // The app has no recovery codes: their routes answer that they are unavailable.
  const isUnavailable = status === 503 && /^\/2fa\/recovery/.test(request.path);
  assert.ok(status < 500 || isUnavailable, `${describeRequest(request)}: ${status} ${text.slice(0, 500)}`);
  if (request.sender !== 'verified') assert.doesNotMatch(text, /account of/, describeRequest(request));
}

function describeRequest({ method, path, headers, body }: Omit<GeneratedRequest, 'sender' | 'typed'>): string {
  return `${method} ${path} ${JSON.stringify(headers)} ${JSON.stringify(body.toString('latin1').slice(0, 300))}`;
}

function cookieOf(browser: Client): string {
  return `connect.sid=${browser.cookies.get('connect.sid')}`;
}
