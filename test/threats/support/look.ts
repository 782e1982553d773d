import assert from 'node:assert/strict';
import type { AuditRecord, RefusalCode } from 'passport-twilio-verify';
import type { Answer, Client } from '../../support/client.js';
import { ENGLISH } from '../../support/texts.js';
import type { RunningExample } from './example.js';

/** The strategy's record in the session store, as a thief or a test would read it. */
export type StoredRecord = Record<string, unknown>;

/** The session id that a browser's cookie names. */
export function sessionIdOf(browser: Client): string {
  const [id = ''] = decodeURIComponent(browser.cookies.get('connect.sid') ?? '')
    .replace(/^s:/, '')
    .split('.');
  return id;
}

/** All that the store has of a browser's session. */
export function storedSession({ store }: RunningExample, browser: Client): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    store.get(sessionIdOf(browser), (error, data) =>
      error ? reject(error) : resolve({ ...(data as unknown as Record<string, unknown> | undefined) }),
    );
  });
}

/** The strategy's part of it. */
export async function recordOf(example: RunningExample, browser: Client): Promise<StoredRecord> {
  return { ...((await storedSession(example, browser))[example.twoFactor.name] as StoredRecord | undefined) };
}

/** Puts another record into the store, as an attacker with write access would. */
export async function plant(example: RunningExample, browser: Client, record: StoredRecord): Promise<void> {
  const stored = { ...(await storedSession(example, browser)), [example.twoFactor.name]: record };
  await new Promise<void>((resolve, reject) => {
    example.store.set(sessionIdOf(browser), stored as never, (error) => (error ? reject(error) : resolve()));
  });
}

const PATHS = { create: /\/Verifications$/, check: /\/VerificationCheck$/, update: /\/Verifications\/VE\w+$/ };

/** How many calls of one kind the emulated API has got. */
export function callsOf({ emulator }: RunningExample, kind: keyof typeof PATHS): number {
  return emulator.requests().filter(({ method, path }) => method === 'POST' && PATHS[kind].test(path)).length;
}

/** The names of the audit records so far, or the records of one name. */
export function audited({ audit }: RunningExample, event: AuditRecord['event']): readonly AuditRecord[] {
  return audit.filter((record) => record.event === event);
}

/** The code that was sent last, to a number or to anyone. */
export function lastCode({ emulator }: RunningExample, to?: string): string {
  const code = emulator.messages(to).at(-1)?.code;
  assert.ok(code !== undefined, `no code was sent to ${to ?? 'anybody'}`);
  return code;
}

/** A code of the same length that is not the one that was sent last. */
export function wrongCode(example: RunningExample, to?: string, distance = 1): string {
  const code = lastCode(example, to);
  return String((Number(code) + distance) % 10 ** code.length).padStart(code.length, '0');
}

/** Whether a page shows the person a refusal, in the words of `views/locales/en.json` up to their first value. */
export function tells(page: string, code: RefusalCode): boolean {
  const [text = ''] = ENGLISH.text(`refusal.${code}`, { attemptsLeft: 0 }).split(/\d/);
  return text !== '' && page.includes(text.trim().replace(/'/g, '&#39;').replace(/"/g, '&quot;'));
}

/** Whether a step was refused: with 4xx, or by a redirect to the page that shows why. */
export function isRefused({ status, location }: Answer): boolean {
  if (status === 303) return ['/2fa', '/2fa/verify', '/2fa/failed'].includes(location ?? '');
  return status >= 400 && status < 500;
}
