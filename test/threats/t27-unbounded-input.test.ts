/**
 * T27. Who: anyone with a script, for most of it even without signing in. What they do: send texts that only the app's
 * body limit bounds. Examples are a code of combining marks, whose Unicode normalization takes quadratic time, a country
 * that becomes the key of a cache, and headers with thousands of languages or media types. What they gain: a process
 * that answers no one for seconds, or runs out of memory. The defense: one function bounds every text of a request, on
 * protected routes, on the pages, and in the headless API, before anything else touches it.
 */
import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import express, { type Request } from 'express';
import type { Client } from '../support/client.js';
import { addGate, BOB, isIn, type RunningExample, startExample } from './support/example.js';
import { callsOf, lastCode } from './support/look.js';

/** Below the 16 kB that a body of the pages can have. */
const MARKS = `1${'\u0323\u0301'.repeat(3_000)}`;

/** Runs a function and returns the length of the longest text that was normalized meanwhile. */
async function longestNormalized(run: () => Promise<unknown>): Promise<number> {
  const normalize = mock.method(String.prototype, 'normalize');
  try {
    await run();
    return Math.max(0, ...normalize.mock.calls.map((call) => String(call.this).length));
  } finally {
    normalize.mock.restore();
  }
}

/** Runs a function and returns how many pieces of text it cut meanwhile: parsers of headers do so for each entry. */
async function cutsDuring(run: () => Promise<unknown>): Promise<number> {
  const slice = mock.method(String.prototype, 'slice');
  try {
    await run();
    return slice.mock.callCount();
  } finally {
    slice.mock.restore();
  }
}

/** Runs a function and returns the length of the longest key that a map got meanwhile. */
async function longestKey(run: () => Promise<unknown>): Promise<number> {
  const set = mock.method(Map.prototype, 'set');
  try {
    await run();
    return Math.max(0, ...set.mock.calls.map((call) => String(call.arguments[0]).length));
  } finally {
    set.mock.restore();
  }
}

/** Adds a protected route and routes of the headless API, with parsers that accept a megabyte. */
async function startAllEntrances(): Promise<RunningExample> {
  const example = await startExample();
  const { app, twoFactor } = example;
  addGate(example, '/check');
  const step = (name: string, run: (req: Request) => Promise<object>) => {
    app.post(`/api/${name}`, express.json({ limit: '1mb' }), (req, res, next) => {
      run(req).then((result) => res.status('status' in result ? Number(result.status) : 200).json(result), next);
    });
  };
  step('start', (req) => twoFactor.start(req, req.body?.method));
  step('check', (req) => twoFactor.check(req, req.body.code));
  step('register', (req) => twoFactor.register(req, req.body));
  step('change', (req) => twoFactor.change(req, req.body));
  return example;
}

type Values = Readonly<Record<string, unknown>>;

const NUMBER = { phoneNumber: BOB, country: 'US', method: 'sms' };
const TEXTS: readonly { field: string; tooLong: string; rest: Values; user: string; entrances: readonly string[] }[] = [
  {
    field: 'code',
    tooLong: '1'.repeat(257),
    rest: {},
    user: 'alice',
    entrances: ['/2fa/verify', '/api/check', '/check'],
  },
  { field: 'code', tooLong: MARKS, rest: {}, user: 'alice', entrances: ['/2fa/verify', '/api/check', '/check'] },
  { field: 'method', tooLong: 's'.repeat(17), rest: {}, user: 'alice', entrances: ['/2fa', '/api/start'] },
  {
    field: 'method',
    tooLong: 's'.repeat(17),
    rest: NUMBER,
    user: 'bob',
    entrances: ['/2fa/register', '/api/register'],
  },
  { field: 'country', tooLong: 'USA', rest: NUMBER, user: 'bob', entrances: ['/2fa/register', '/api/register'] },
  {
    field: 'country',
    tooLong: 'US'.repeat(3_000),
    rest: NUMBER,
    user: 'bob',
    entrances: ['/2fa/register', '/api/register'],
  },
  {
    field: 'phoneNumber',
    tooLong: BOB + ' '.repeat(53),
    rest: NUMBER,
    user: 'bob',
    entrances: ['/2fa/register', '/api/register'],
  },
];

describe('T27: a text that is too long', () => {
  for (const { field, tooLong, rest, user, entrances } of TEXTS) {
    for (const entrance of entrances) {
      it(`${entrance} refuses a ${field} of ${tooLong.length} characters before it does anything with it`, async () => {
        const example = await startAllEntrances();
        const browser = await (user === 'alice' ? example.waiting(user) : example.signedIn(user));
        const calls = example.emulator.requests().length;
        let status = 0;
        const post = async () => {
          ({ status } = await browser.postJson(entrance, { ...rest, [field]: tooLong }));
        };
        const normalized = await longestNormalized(post);
        assert.equal(status, 400);
        assert.ok(normalized <= 256, `${normalized} characters`);
        assert.equal(example.emulator.requests().length, calls);
      });
    }
  }

  it('a code of 90,000 combining marks reaches no check of a protected route or the headless API', async () => {
    const example = await startAllEntrances();
    const browser = await example.waiting('alice');
    const code = '\u0323\u0301'.repeat(22_500);
    const normalized = await longestNormalized(async () => {
      for (const entrance of ['/check', '/api/check']) {
        assert.equal((await browser.postJson(entrance, { code })).status, 400);
      }
    });
    assert.ok(normalized <= 256, `${normalized} characters`);
    assert.equal(callsOf(example, 'check'), 0);
    await browser.post('/check', { code: lastCode(example) });
    assert.equal(await isIn(browser), true, 'the right code still works');
  });

  it('a code of exactly 256 characters is checked in every entrance', async () => {
    for (const entrance of ['/2fa/verify', '/api/check', '/check']) {
      const example = await startAllEntrances();
      const browser = await example.waiting('alice');
      await browser.postJson(entrance, { code: lastCode(example).padEnd(256, ' ') });
      assert.equal(await isIn(browser), true, entrance);
    }
  });

  for (const entrance of ['/api/register', '/api/change']) {
    it(`countries of half a megabyte in ${entrance} stay in no cache`, async () => {
      const example = await startAllEntrances();
      const browser = await (entrance === '/api/change' ? example.verified('alice') : example.signedIn('bob'));
      const key = await longestKey(async () => {
        for (let index = 0; index < 3; index += 1) {
          const country = `${index}${'U'.repeat(500_000)}`;
          assert.equal((await browser.postJson(entrance, { phoneNumber: '2025550177', country })).status, 400);
        }
      });
      assert.ok(key <= 1_024, `${key} characters`);
    });
  }
});

const DISTINCT = Array.from({ length: 3_400 }, (_, index) => `q${index.toString(36).padStart(3, '0')}`);
const LANGUAGES = DISTINCT.slice(0, 2_800).join();
const TYPES = DISTINCT.slice(0, 2_000)
  .map((type) => `a/${type}`)
  .join();

interface HeaderCase {
  readonly name: string;
  readonly header: string;
  readonly long: string;
  readonly ask: (browser: Client, headers: Record<string, string>) => Promise<unknown>;
}

const HEADERS: readonly HeaderCase[] = [
  {
    name: 'languages cost a page',
    header: 'accept-language',
    long: LANGUAGES,
    ask: (browser, headers) => browser.get('/2fa', headers),
  },
  {
    name: 'languages cost a form of another site',
    header: 'accept-language',
    long: LANGUAGES,
    ask: (browser, headers) => browser.post('/2fa', {}, { 'sec-fetch-site': 'cross-site', ...headers }),
  },
  {
    name: 'languages cost a protected route',
    header: 'accept-language',
    long: LANGUAGES,
    ask: (browser, headers) => browser.postJson('/check', {}, headers),
  },
  {
    name: 'languages cost the headless API',
    header: 'accept-language',
    long: LANGUAGES,
    ask: (browser, headers) => browser.postJson('/api/start', { method: 'fax' }, headers),
  },
  {
    name: 'media types cost a page',
    header: 'accept',
    long: TYPES,
    ask: (browser, headers) => browser.get('/2fa', headers),
  },
];

describe('T27: a header of 14 kB', () => {
  for (const { name, header, long, ask } of HEADERS) {
    for (const { state, arrive } of [
      { state: 'without a sign-in', arrive: async (example: RunningExample) => example.client() },
      { state: 'after the sign-in', arrive: (example: RunningExample) => example.signedIn('alice') },
    ]) {
      it(`${name} no more than 256 characters do, ${state}`, async () => {
        const example = await startAllEntrances();
        const browser = await arrive(example);
        await ask(browser, {});
        // Load the templates of this answer first. Its header differs, so the measured one isn't cached.
        if (header === 'accept') await ask(browser, { [header]: `a/a, ${long}` });
        const usual = await cutsDuring(() => ask(browser, { [header]: 'q/short' }));
        let most = 0;
        const key = await longestKey(async () => {
          most = await cutsDuring(() => ask(browser, { [header]: long }));
        });
        assert.ok(most - usual <= 1_024, `${most} pieces instead of ${usual}`);
        assert.ok(key <= 1_024, `${key} characters`);
      });
    }
  }
});
