import type { EmulatorChannel } from '../rules/channels.js';
import { createRing } from '../server/ring.js';

/** One message of the emulator. */
export interface EmulatorMessage {
  /** Rises by one with each message. */
  readonly id: number;
  /** The phone number in E.164, or the email address. */
  readonly to: string;
  /** The channel of the message. */
  readonly channel: EmulatorChannel;
  /** The code in it. */
  readonly code: string;
  /** The verification, `VE…`. */
  readonly verificationSid: string;
  /** The service, `VA…`. */
  readonly serviceSid: string;
  /** The name of the sender in the message. */
  readonly serviceName: string;
  /** The language of the text. */
  readonly locale: string;
  /** The text of the message, or the words of the call. */
  readonly body: string;
  /** The time of the send by the emulator's clock, in ISO 8601. */
  readonly sentAt: string;
}

/** Messages that the inbox keeps. It drops older ones. */
const INBOX_CAPACITY = 1_000;

/** How long `codeFor` waits by default, in milliseconds. */
const WAIT_MS = 2_000;

/** Options of `codeFor`. */
export interface CodeForOptions {
  /** Milliseconds to wait for a code. @default 2000 */
  readonly timeoutMs?: number | undefined;
  /**
   * The message before the wanted one, or the earliest time of the wanted one: milliseconds of the emulator's clock.
   * @default none
   */
  readonly after?: EmulatorMessage | number | undefined;
}

interface Waiter {
  readonly to: string;
  isWanted(message: EmulatorMessage): boolean;
  resolve(code: string): void;
  reject(error: Error): void;
}

/** A change of an inbox. */
export type InboxEvent = { readonly kind: 'message'; readonly message: EmulatorMessage } | { readonly kind: 'cleared' };

/** The messages, and the callers that wait for one. */
export interface Inbox {
  deliver(message: Omit<EmulatorMessage, 'id'>): void;
  list(to?: string): EmulatorMessage[];
  /** Resolves with the newest code to `to` that can still be approved, at once or when it comes. */
  codeFor(to: string, options?: CodeForOptions): Promise<string>;
  /** Calls `listener` with each event from now on. The returned function ends it. */
  subscribe(listener: (event: InboxEvent) => void): () => void;
  clear(): void;
  /** Rejects every caller that still waits. */
  close(): void;
}

/**
 * Makes an empty inbox.
 *
 * @param isPending whether the verification of a message still waits for its code.
 */
export function createInbox(isPending: (message: EmulatorMessage) => boolean): Inbox {
  const messages = createRing<EmulatorMessage>(INBOX_CAPACITY);
  const listeners = new Set<(event: InboxEvent) => void>();
  const waiters = new Set<Waiter>();
  let lastId = 0;

  const list = (to?: string) => {
    const all = messages.list();
    return to === undefined ? all : all.filter((message) => message.to === to);
  };

  return {
    list,
    deliver(sent) {
      lastId += 1;
      const message: EmulatorMessage = { id: lastId, ...sent };
      messages.push(message);
      for (const waiter of waiters) if (waiter.isWanted(message)) waiter.resolve(message.code);
      for (const listener of listeners) listener({ kind: 'message', message });
    },
    codeFor(to, { timeoutMs = WAIT_MS, after } = {}) {
      return new Promise((resolve, reject) => {
        const isAfter = readAfter(after);
        const isWanted = (message: EmulatorMessage) => message.to === to && isAfter(message) && isPending(message);
        const newest = list(to).findLast(isWanted);
        if (newest !== undefined) return resolve(newest.code);
        const settle = (finish: () => void) => {
          clearTimeout(timer);
          waiters.delete(waiter);
          finish();
        };
        const waiter: Waiter = {
          to,
          isWanted,
          resolve: (code) => settle(() => resolve(code)),
          reject: (error) => settle(() => reject(error)),
        };
        const timer = setTimeout(() => {
          const last = list(to).at(-1);
          const found = last === undefined ? describeOthers(list()) : describeUnwanted(last, isAfter(last));
          waiter.reject(new Error(`No code was sent to ${to} within ${timeoutMs} ms; ${found}`));
        }, timeoutMs);
        waiters.add(waiter);
      });
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    clear() {
      messages.clear();
      for (const listener of listeners) listener({ kind: 'cleared' });
    },
    close() {
      for (const waiter of waiters)
        waiter.reject(new Error(`The Verify emulator stopped before a code to ${waiter.to}`));
      listeners.clear();
    },
  };
}

/** Makes the test of `after`. A time includes itself: a clock that is stopped gives all messages the same time. */
function readAfter(after: CodeForOptions['after']): (message: EmulatorMessage) => boolean {
  if (after === undefined) return () => true;
  if (typeof after === 'number' && Number.isFinite(after)) return ({ sentAt }) => Date.parse(sentAt) >= after;
  if (typeof after === 'object' && Number.isInteger(after?.id)) return ({ id }) => id > after.id;
  throw new TypeError('codeFor: "after" must be a message of the emulator or a time in milliseconds since 1970');
}

function describeOthers(messages: readonly EmulatorMessage[]): string {
  const others = [...new Set(messages.map((message) => message.to))].slice(-5);
  return others.length === 0 ? 'nothing was sent to anyone' : `codes were sent to ${others.join(', ')}`;
}

function describeUnwanted({ sentAt }: EmulatorMessage, isAfter: boolean): string {
  const why = isAfter ? 'is approved, canceled, expired, or out of attempts' : 'is from before "after"';
  return `the last one, of ${sentAt}, ${why}`;
}
