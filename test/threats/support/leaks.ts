/**
 * A program that does everything, failures included. It sends its parent process all that an application or an attacker
 * could see. The parent reads its output, too.
 */
import { inspect } from 'node:util';
import type { ErrorRequestHandler } from 'express';
import { type FactorStore, MemoryFactorStore } from 'passport-twilio-verify';
import type { Answer, Client } from '../../support/client.js';
import { addGate, BOB, MALLORY, type RunningExample, startExample, stopExamples } from './example.js';
import { lastCode, wrongCode } from './look.js';
import { sdkClient } from './sdk.js';

/** The texts that were seen, by place. */
export interface Seen {
  /** Secrets that must appear nowhere. */
  readonly secrets: readonly string[];
  readonly codes: readonly string[];
  readonly audit: readonly string[];
  /** Of events and of error handlers, inspected as deep as they go. */
  readonly errors: readonly string[];
  /** Targets of requests, and where answers sent the browser. */
  readonly urls: readonly string[];
  readonly headers: readonly string[];
  readonly signInPages: readonly string[];
  readonly numberPages: readonly string[];
  readonly signInSessions: readonly string[];
  readonly numberSessions: readonly string[];
  /** Pages of the router that a cache may keep. */
  readonly cached: readonly string[];
  readonly rejections: readonly string[];
  /** Recovery codes that were shown. */
  readonly recoveryCodes: readonly string[];
  /** The content of the factor store. */
  readonly records: readonly string[];
  /** Events and notices without their request, which has the posted code. */
  readonly events: readonly string[];
}

const FAULTS = [
  { drop: true },
  { status: 503, body: '<!doctype html><h1>Service Unavailable</h1>' },
  { status: 502, body: '{"code": 20500, "mess' },
  { code: 20500 },
  { code: 20003 },
  { code: 60200 },
  { code: 60200, message: 'Invalid parameter `To`: +12025550123' },
  { code: 60203 },
  { code: 60410 },
] as const;

const seen = {
  audit: [] as string[],
  errors: [] as string[],
  urls: [] as string[],
  headers: [] as string[],
  signInPages: [] as string[],
  numberPages: [] as string[],
  signInSessions: [] as string[],
  numberSessions: [] as string[],
  cached: [] as string[],
  rejections: [] as string[],
  recoveryCodes: [] as string[],
  records: [] as string[],
  events: [] as string[],
};

const deep = (value: unknown) =>
  inspect(value, { depth: null, showHidden: true, maxStringLength: null, getters: true });

/** Asks, and notes all that comes back. */
function watch(example: RunningExample, kind: 'signIn' | 'number') {
  const note = async (path: string, answer: Answer): Promise<Answer> => {
    const { headers, location, text } = answer;
    seen.urls.push(path, location ?? '');
    seen.headers.push(deep(headers));
    seen[kind === 'signIn' ? 'signInPages' : 'numberPages'].push(text);
    const sessions = await new Promise<unknown>((resolve) => example.store.all((_, all) => resolve(all)));
    seen[kind === 'signIn' ? 'signInSessions' : 'numberSessions'].push(JSON.stringify(sessions));
    if (path.startsWith('/2fa') && headers['cache-control'] !== 'no-store') seen.cached.push(path);
    return answer;
  };
  return {
    get: async (browser: Client, path: string) => note(path, await browser.get(path)),
    post: async (browser: Client, path: string, fields: Record<string, string> = {}) =>
      note(path, await browser.post(path, fields)),
  };
}

async function start(twoFactor: NonNullable<Parameters<typeof startExample>[0]>['twoFactor'] = {}) {
  const example = await startExample({ twoFactor: { retryTimeSeconds: 0, ...MANY_SENDS, ...twoFactor } });
  addGate(example, '/check');
  const noteError: ErrorRequestHandler = (error, _req, res, _next) => {
    seen.errors.push(deep(error), String(error.stack), JSON.stringify(error));
    res.status(503).end();
  };
  example.app.use(noteError);
  example.twoFactor.on('audit', (record) => seen.audit.push(JSON.stringify(record)));
  example.twoFactor.on('twilioError', ({ error }) => seen.errors.push(deep(error), String(error?.stack)));
  return example;
}

const MANY = [{ points: 1_000, durationSeconds: 600 }];
const MANY_SENDS = {
  limits: { sendsPerUser: MANY, sendsPerAddress: MANY, wrongCodesPerLock: 1_000, wrongCodesInAll: 1_000 },
};

async function signIn(example: RunningExample, browser: Client): Promise<void> {
  const { get, post } = watch(example, 'signIn');
  for (const path of ['/account', '/2fa', '/2fa/verify', '/2fa/failed']) await get(browser, path);
  for (const fault of FAULTS) {
    example.emulator.fail({ call: 'create', ...fault });
    await post(browser, '/2fa', { method: 'sms' });
    await get(browser, '/2fa/failed');
  }
  await post(browser, '/2fa', { method: 'none' });
  await post(browser, '/2fa', { method: 'sms' });
  for (const fault of [...FAULTS.slice(0, 5), { code: 60212 }, { code: 20429 }] as const) {
    for (const path of ['/2fa/verify', '/check']) {
      example.emulator.fail({ call: 'check', ...fault });
      await post(browser, path, { code: lastCode(example) });
      await get(browser, '/2fa/verify');
      await get(browser, '/2fa/failed');
    }
  }
  // Twilio may have checked eight of these, so they counted.
  await example.unlock('1');
  await post(browser, '/2fa/resend');
  await get(browser, '/2fa/verify');
  example.emulator.fail({ call: 'update', drop: true });
  await post(browser, '/2fa/cancel');
  await post(browser, '/2fa', { method: 'call' });
  await post(browser, '/2fa/verify', { code: 'abc' });
  await post(browser, '/2fa/verify', { code: wrongCode(example) });
  await post(browser, '/check', { code: wrongCode(example) });
  await post(browser, '/2fa/verify', { code: lastCode(example) });
  await get(browser, '/2fa/success');
}

async function registerAndChange(example: RunningExample): Promise<void> {
  const { get, post } = watch(example, 'number');
  const browser = await example.signedIn('bob');
  const typed = (phoneNumber: string) => ({ country: 'US', phoneNumber, method: 'sms' });
  await get(browser, '/2fa/register');
  for (const fault of FAULTS) {
    example.emulator.fail({ call: 'create', ...fault });
    await post(browser, '/2fa/register', typed(BOB));
    await get(browser, '/2fa/failed');
  }
  await post(browser, '/2fa/register', typed(BOB));
  await get(browser, '/2fa/verify');
  await post(browser, '/2fa/verify', { code: wrongCode(example) });
  await post(browser, '/2fa/verify', { code: lastCode(example) });
  await post(browser, '/2fa/change', typed(MALLORY));
  await post(browser, '/2fa/verify', { code: lastCode(example) });
  await get(browser, '/2fa/success');
}

/** Creates recovery codes, uses some, and fails to use others. */
async function recover(): Promise<void> {
  const memory = new MemoryFactorStore();
  const broken = { isDown: false };
  const store: FactorStore = {
    load: (id) => (broken.isDown ? Promise.reject(new Error('connection refused')) : memory.load(id)),
    save: (...args) => {
      seen.records.push(JSON.stringify(args));
      return memory.save(...args);
    },
    delete: (id) => memory.delete(id),
  };
  const example = await start({ store });
  for (const name of ['recoveryCodesCreated', 'recoveryCodeUsed', 'verificationRejected', 'securityNotice'] as const) {
    example.twoFactor.on(name, ({ req: _, ...event }: { req?: unknown }) => seen.events.push(deep(event)));
  }
  const { get, post } = watch(example, 'signIn');
  const owner = await example.verified('alice');
  await get(owner, '/2fa/recovery-codes');
  // The one page that shows the codes isn't noted.
  const { text } = await owner.post('/2fa/recovery-codes');
  const codes = [...text.matchAll(/<li>([0-9A-Z-]{19})<\/li>/g)].map(([, code = '']) => code);
  seen.recoveryCodes.push(...codes);
  await get(owner, '/2fa/recovery-codes');
  await post(owner, '/2fa/recovery-codes/confirm', { code: codes[0]?.replace(/.$/, '') ?? '' });
  await post(owner, '/2fa/recovery-codes/confirm', { code: codes[0]?.split('').reverse().join('') ?? '' });
  await post(owner, '/2fa/recovery-codes/confirm', { code: codes[0] ?? '' });
  await get(owner, '/2fa/success');

  const browser = await example.signedIn('alice');
  await get(browser, '/2fa/recovery');
  broken.isDown = true;
  await post(browser, '/2fa/recovery', { code: codes[1] ?? '' });
  await get(browser, '/2fa/failed');
  broken.isDown = false;
  await post(browser, '/2fa/recovery', { code: `${codes[1]}0` });
  await get(browser, '/2fa/recovery');
  await post(browser, '/2fa/recovery', { code: codes[1] ?? '' });
  await get(browser, '/2fa/success');
  const again = await example.signedIn('alice');
  await post(again, '/2fa/recovery', { code: codes[1] ?? '' });
  await get(again, '/2fa/recovery');
}

/** Uses the SDK's own HTTP client, whose errors carry the request: the Authorization header and the posted code. */
async function signInWithSdk(): Promise<RunningExample> {
  const { client, connect } = sdkClient();
  const example = await start({ client });
  connect(example.emulator);
  const { get, post } = watch(example, 'signIn');
  const browser = await example.signedIn('alice');
  example.emulator.fail({ call: 'create', drop: true });
  await post(browser, '/2fa', { method: 'sms' });
  await post(browser, '/2fa', { method: 'sms' });
  for (const path of ['/2fa/verify', '/check']) {
    example.emulator.fail({ call: 'check', drop: true });
    await post(browser, path, { code: lastCode(example) });
    await get(browser, '/2fa/failed');
  }
  return example;
}

async function main(): Promise<void> {
  process.on('unhandledRejection', (reason) => seen.rejections.push(deep(reason)));
  const example = await start();
  await signIn(example, await example.signedIn('alice'));
  await registerAndChange(example);
  await recover();
  const withSdk = await signInWithSdk();

  const locked = await start({ allowedMethods: ['sms'] });
  const { get, post } = watch(locked, 'signIn');
  const late = await locked.waiting('alice');
  await locked.emulator.stop();
  for (const path of ['/2fa', '/2fa/verify', '/2fa/resend', '/check']) {
    await post(late, path, { method: 'sms', code: lastCode(locked) });
    await get(late, '/2fa/failed');
  }
  const brokenStore = await start({ createLimiter: () => Promise.reject(new Error('the store is away')) });
  const refused = watch(brokenStore, 'signIn');
  const unlucky = await brokenStore.signedIn('alice');
  for (const path of ['/2fa', '/2fa/verify', '/check'])
    await refused.post(unlucky, path, { method: 'sms', code: '123456' });

  const { accountSid, authToken } = example.emulator;
  const basic = Buffer.from(`${accountSid}:${authToken}`).toString('base64');
  const codes = [example, withSdk, locked].flatMap(({ emulator }) => emulator.messages().map(({ code }) => code));
  const result: Seen = { ...seen, codes: [...new Set(codes)], secrets: [authToken, basic] };
  await stopExamples();
  process.send?.(result, () => process.disconnect?.());
}

if (require.main === module) void main();
