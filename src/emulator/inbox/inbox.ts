import type { EmulatorChannel } from '../rules/channels.js';
import { createRing } from '../server/ring.js';

/** One message that the emulator "sent". */
export interface EmulatorMessage {
  /** Rises by one with each message. */
  readonly id: number;
  /** The number, in E.164, or the e-mail address. */
  readonly to: string;
  /** How it went out. */
  readonly channel: EmulatorChannel;
  /** The code in it. */
  readonly code: string;
  /** The verification, `VE…`. */
  readonly verificationSid: string;
  /** The service, `VA…`. */
  readonly serviceSid: string;
  /** The name that the message calls the sender by. */
  readonly serviceName: string;
  /** The language of the text. */
  readonly locale: string;
  /** The text as it is read, or as a call says it. */
  readonly body: string;
  /** When it was sent, by the emulator's clock; ISO 8601. */
  readonly sentAt: string;
}

/** Messages that the inbox keeps; older ones are dropped. */
const INBOX_CAPACITY = 1_000;

/** How long `codeFor` waits where nothing else is said, in milliseconds. */
const WAIT_MS = 2_000;

interface Waiter {
  readonly to: string;
  resolve(code: string): void;
  reject(error: Error): void;
}

/** What happens to an inbox. */
export type InboxEvent = { readonly kind: 'message'; readonly message: EmulatorMessage } | { readonly kind: 'cleared' };

/** What was sent, and who waits for it. */
export interface Inbox {
  deliver(message: Omit<EmulatorMessage, 'id'>): void;
  list(to?: string): EmulatorMessage[];
  /** Resolves with the newest code sent to `to`, at once or when it comes. */
  codeFor(to: string, timeoutMs?: number): Promise<string>;
  /** Calls `listener` with all that happens from now on; the answer ends it. */
  subscribe(listener: (event: InboxEvent) => void): () => void;
  clear(): void;
  /** Rejects everyone who still waits. */
  close(): void;
}

/** Makes an empty inbox. */
export function createInbox(): Inbox {
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
      for (const waiter of waiters) if (waiter.to === message.to) waiter.resolve(message.code);
      for (const listener of listeners) listener({ kind: 'message', message });
    },
    codeFor(to, timeoutMs = WAIT_MS) {
      const newest = list(to).at(-1);
      if (newest !== undefined) return Promise.resolve(newest.code);
      return new Promise((resolve, reject) => {
        const settle = (finish: () => void) => {
          clearTimeout(timer);
          waiters.delete(waiter);
          finish();
        };
        const waiter: Waiter = {
          to,
          resolve: (code) => settle(() => resolve(code)),
          reject: (error) => settle(() => reject(error)),
        };
        const timer = setTimeout(() => waiter.reject(new Error(nothingSent(to, timeoutMs, list()))), timeoutMs);
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

function nothingSent(to: string, timeoutMs: number, messages: readonly EmulatorMessage[]): string {
  const others = [...new Set(messages.map((message) => message.to))].slice(-5);
  const seen = others.length === 0 ? 'nothing was sent to anyone' : `codes were sent to ${others.join(', ')}`;
  return `No code was sent to ${to} within ${timeoutMs} ms; ${seen}`;
}
