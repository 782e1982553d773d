import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describeNotEmulated } from './api/api-error.js';
import { createApiServer } from './api/api-server.js';
import { createBackend } from './api/backend.js';
import type { TwilioOperation } from './api/twilio-operations.js';
import { createClock, type EmulatorClock } from './clock.js';
import type { EmulatorFault } from './faults/fault.js';
import { createFaultStore, type EmulatorFaultHandle } from './faults/faults.js';
import type { CodeForOptions, EmulatorMessage } from './inbox/inbox.js';
import { createInboxServer } from './inbox/inbox-server.js';
import type { VerifyEmulatorOptions } from './options.js';
import { resolveOptions } from './resolve-options.js';
import { createControl } from './server/control.js';
import { createCredentialCheck } from './server/credentials.js';
import { createDelays } from './server/delays.js';
import { createHostCheck } from './server/host-check.js';
import { createRequestLog, type EmulatorRequest } from './server/request-log.js';

/** A running emulator. */
export interface VerifyEmulator {
  /** The base URL of the API and of the inbox, such as `http://127.0.0.1:4010`. */
  readonly url: string;
  /** The account that calls are made with. */
  readonly accountSid: string;
  /** Its auth token. */
  readonly authToken: string;
  /** The API key that calls can use instead of the account SID. */
  readonly apiKey: string;
  /** The secret of the API key. */
  readonly apiSecret: string;
  /** The Verify service. */
  readonly serviceSid: string;
  /** The emulator's time. */
  readonly clock: EmulatorClock;
  /** Returns the messages to one phone number or email address, or to all, oldest first. */
  messages(to?: string): EmulatorMessage[];
  /**
   * Returns the newest code to a number or email address that can still be approved, and waits for one if there is
   * none. Codes that are approved, canceled, expired, or out of attempts do not count.
   *
   * @throws Error that describes what was sent instead, after `timeoutMs`.
   *
   * @example
   * ```ts
   * const last = emulator.messages('+12025550123').at(-1);
   * // … your application sends another code …
   * const code = await emulator.codeFor('+12025550123', { after: last });
   * ```
   */
  codeFor(to: string, options?: CodeForOptions): Promise<string>;
  /** Returns the last thousand calls of the API, oldest first. */
  requests(): EmulatorRequest[];
  /** Makes calls fail. Faults take effect in the order in which you add them. */
  fail(fault: EmulatorFault): EmulatorFaultHandle;
  /** Deletes all verifications, messages, requests, and faults, and resets the clock. */
  reset(): void;
  /** Stops the emulator and closes every connection. A second call does nothing. */
  stop(): Promise<void>;
}

/** How often an idle emulator drops expired verifications, in milliseconds. */
const SWEEP_EVERY_MS = 30_000;

/** How long an idle connection is kept, in milliseconds: longer than clients keep theirs, so that they close first. */
const KEEP_ALIVE_MS = 65_000;

/**
 * Starts an emulator of Twilio's Verify API.
 *
 * @example
 * ```ts
 * const emulator = await startVerifyEmulator();
 * // … your application, with TWILIO_VERIFY_BASE_URL=emulator.url, sends a code …
 * const code = await emulator.codeFor('+12025550123');
 * await emulator.stop();
 * ```
 *
 * @throws TypeError that names an invalid option.
 * @throws Error of the system, such as `EADDRINUSE`, if it cannot listen.
 */
export async function startVerifyEmulator(options: VerifyEmulatorOptions = {}): Promise<VerifyEmulator> {
  const settings = resolveOptions(options);
  const { host, port, accountSid, authToken, apiKey, apiSecret, serviceSid } = settings;
  const { onMessage, onNotEmulated = createWarning() } = settings;
  const clock = createClock(settings.now, () => backend.verifications.sweep(clock.now()));
  const backend = createBackend(settings, clock);
  const { inbox } = backend;
  const faults = createFaultStore();
  const log = createRequestLog();
  const delays = createDelays();
  const isOwnHost = createHostCheck(host);
  const hasCredentials = createCredentialCheck(settings);
  const fail = (fault: EmulatorFault) => faults.add(fault);
  const reset = () => {
    clock.reset();
    backend.verifications.clear();
    backend.rateLimits.clear();
    backend.services.reset();
    inbox.clear();
    log.clear();
    faults.clear();
  };
  const control = createControl({ clock, fail, reset });
  const answerApi = createApiServer({
    backend,
    hasCredentials,
    faults,
    log,
    clock,
    delay: delays.wait,
    reportNotEmulated: (operation) => ignoreErrors(() => onNotEmulated(operation)),
  });
  const answerInbox = createInboxServer({ inbox, log, serviceSid, isOwnHost, hasCredentials, control });
  if (onMessage !== undefined) {
    inbox.subscribe((event) => event.kind === 'message' && ignoreErrors(() => onMessage(event.message)));
  }

  let url = '';
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    const base = isOwnHost(request.headers.host) ? `http://${request.headers.host}` : url;
    const target = parseUrl(base + request.url);
    if (target === undefined) {
      response.writeHead(400, { Connection: 'close' }).end();
      return;
    }
    const answer = target.pathname.startsWith('/v2/') ? answerApi : answerInbox;
    // The option `now` can throw, which must not end the process.
    answer(request, response, target).catch((error: Error) => {
      process.emitWarning(error);
      response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  url = addressOf(server.address(), host);
  const sweeping = setInterval(() => backend.verifications.sweep(clock.now()), SWEEP_EVERY_MS);
  sweeping.unref();

  return {
    url,
    accountSid,
    authToken,
    apiKey,
    apiSecret,
    serviceSid,
    clock: { now: clock.now, advance: clock.advance, set: clock.set },
    messages: (to) => inbox.list(to),
    codeFor: (to, options) => inbox.codeFor(to, options),
    requests: () => log.list(),
    fail,
    reset,
    async stop() {
      clearInterval(sweeping);
      delays.cancel();
      inbox.close();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function addressOf(address: string | AddressInfo | null, host: string): string {
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}

function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** Warns once per operation: an application that polls one would fill the terminal. */
function createWarning(): (operation: TwilioOperation) => void {
  const warned = new Set<string>();
  return (operation) => {
    if (warned.has(operation.operationId)) return;
    warned.add(operation.operationId);
    process.emitWarning(describeNotEmulated(operation), { type: 'VerifyEmulatorWarning', code: 'NOT_EMULATED' });
  };
}

function ignoreErrors(run: () => void): void {
  try {
    run();
  } catch {
    // An error of a listener must not become the caller's 500.
  }
}
