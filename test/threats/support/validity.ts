/**
 * A program: walks through all that has a time limit, in the time zone of its process, from the moment that its argument
 * names, and prints what still worked when.
 */
import { mock } from 'node:test';
import { isIn, startExample, stopExamples } from './example.js';
import { lastCode, wrongCode } from './look.js';

/** The output of {@link main}. */
export interface Walk {
  /** As `Date.getTimezoneOffset` says: that the zone was another. */
  readonly offsetMinutes: number;
  readonly codeAt599Seconds: boolean;
  readonly codeAt600Seconds: boolean;
  readonly markAt3599Seconds: boolean;
  readonly markAt3600Seconds: boolean;
  readonly lockMinutes: number;
  readonly resendAt179Seconds: boolean;
  readonly resendAt180Seconds: boolean;
}

async function codeAfter(seconds: number): Promise<boolean> {
  // The emulator keeps the code for longer: what ends it is our own count.
  const example = await startExample({ emulator: { ttlSeconds: 7_200 } });
  const browser = await example.waiting('alice');
  mock.timers.tick(seconds * 1000);
  await browser.post('/2fa/verify', { code: lastCode(example) });
  return isIn(browser);
}

async function markAfter(seconds: number): Promise<boolean> {
  const example = await startExample({ twoFactor: { maxAgeSeconds: 3_600 } });
  const browser = await example.verified('alice');
  mock.timers.tick(seconds * 1000);
  return isIn(browser);
}

async function resendAfter(seconds: number): Promise<boolean> {
  const example = await startExample();
  const browser = await example.waiting('alice');
  mock.timers.tick(seconds * 1000);
  await browser.post('/2fa/resend');
  return example.emulator.messages().length === 2;
}

async function lockMinutes(): Promise<number> {
  const limits = { wrongCodesPerLock: 1 };
  const example = await startExample({ twoFactor: { limits } });
  const browser = await example.waiting('alice');
  await browser.post('/2fa/verify', { code: wrongCode(example) });
  return (Number(await example.lockedUntil('1')) - Date.now()) / 60_000;
}

async function main(now: number): Promise<void> {
  mock.timers.enable({ apis: ['Date'], now });
  const offsetMinutes = new Date().getTimezoneOffset();
  const at = async <T>(walk: () => Promise<T>): Promise<T> => {
    mock.timers.setTime(now);
    return walk();
  };
  const walk: Walk = {
    offsetMinutes,
    codeAt599Seconds: await at(() => codeAfter(599)),
    codeAt600Seconds: await at(() => codeAfter(600)),
    markAt3599Seconds: await at(() => markAfter(3_599)),
    markAt3600Seconds: await at(() => markAfter(3_600)),
    lockMinutes: await at(lockMinutes),
    resendAt179Seconds: await at(() => resendAfter(179)),
    resendAt180Seconds: await at(() => resendAfter(180)),
  };
  console.log(JSON.stringify(walk));
  await stopExamples();
}

if (require.main === module) void main(Date.parse(process.argv[2] ?? ''));
