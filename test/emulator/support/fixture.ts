import { afterEach } from 'node:test';
import { startVerifyEmulator, type VerifyEmulator, type VerifyEmulatorOptions } from '../../../src/emulator/index';
import { connect } from './client';
import { checkAnswer } from './description';

/** A phone number that no one has. */
export const ALICE = '+12025550123';

/** Another one. */
export const BOB = '+12025550124';

const running = new Set<VerifyEmulator>();

/** The time of the tests. It stops unless a test moves the clock. */
export const START_MS = Date.UTC(2026, 0, 15, 12);

/** Starts an emulator that stops after the test, and connects the official SDK to it. */
export async function setUp(options: VerifyEmulatorOptions = {}) {
  const emulator = await startVerifyEmulator({ now: () => START_MS, ...options });
  running.add(emulator);
  const client = connect(emulator);
  const service = client.verify.v2.services(emulator.serviceSid);
  const send = (to = ALICE, channel = 'sms') => service.verifications.create({ to, channel });
  const check = (code: string, to = ALICE) => service.verificationChecks.create({ to, code });
  return { emulator, client, service, send, check };
}

/** Stops the emulators of each test in a file. Call it once at the top of the file. */
export function stopAfterEach(): void {
  afterEach(async () => {
    await Promise.all([...running].map((emulator) => emulator.stop()));
    running.clear();
  });
}

/** A code of the same length that is not this one. */
export function wrongCode(code: string): string {
  return code.replace(/.$/, (digit) => String((Number(digit) + 1) % 10));
}

/** Calls the API without the SDK, which would not let a broken request out. */
export async function callApi(emulator: VerifyEmulator, path: string, init: RequestInit = {}): Promise<Response> {
  const credentials = Buffer.from(`${emulator.accountSid}:${emulator.authToken}`).toString('base64');
  const headers = { Authorization: `Basic ${credentials}`, ...init.headers };
  const response = await fetch(emulator.url + path, { ...init, headers });
  const text = await response.clone().text();
  // Only a fault has no body.
  if (text !== '') checkAnswer(init.method ?? 'GET', new URL(response.url).pathname, response.status, text);
  return response;
}

/** The body of an answer, as an object of JSON. */
export async function readJson(response: Response): Promise<Record<string, unknown>> {
  const value: unknown = await response.json();
  return { ...(value as Record<string, unknown>) };
}

/** An error that a table expects: a message with its code, or the name of an invalid parameter. */
interface WantedError {
  readonly message?: string;
  readonly code?: number;
  readonly invalid?: string;
}

/** Returns the body of a 400 for a form. An invalid parameter has code 60200 and its value in the message. */
export function errorOf({ message, code = 60200, invalid = '' }: WantedError, form: object) {
  return {
    code,
    message: message ?? `Invalid parameter \`${invalid}\`: ${Reflect.get(form, invalid)}`,
    more_info: `https://www.twilio.com/docs/errors/${code}`,
    status: 400,
  };
}
