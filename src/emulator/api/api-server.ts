import type { IncomingMessage, ServerResponse } from 'node:http';
import type { EmulatorClock } from '../clock.js';
import type { FaultEffect, FaultStore, FaultTarget } from '../faults/faults.js';
import { findMagicNumber } from '../faults/magic-numbers.js';
import { createSid } from '../rules/sids.js';
import type { CredentialCheck } from '../server/credentials.js';
import { isCrossSite } from '../server/origin-check.js';
import { readBody } from '../server/read-body.js';
import type { RequestLog } from '../server/request-log.js';
import type { ApiAnswer, ApiCall } from './api-call.js';
import { ApiError, apiErrorBody, notEmulated, notFound } from './api-error.js';
import type { Backend } from './backend.js';
import type { EmulatorCall } from './call-kinds.js';
import { matchRoute } from './routes.js';
import type { TwilioOperation } from './twilio-operations.js';

/** The parts of the emulator that the API's server uses. */
export interface ApiServerParts {
  readonly backend: Backend;
  readonly hasCredentials: CredentialCheck;
  readonly faults: FaultStore;
  readonly log: RequestLog;
  readonly clock: Pick<EmulatorClock, 'now'>;
  /** Waits in real time; ends early, with `false`, when the emulator stops. */
  delay(ms: number): Promise<boolean>;
  /** Reports a call of an operation that is not emulated. */
  reportNotEmulated(operation: TwilioOperation): void;
}

/** An answer as text, with Twilio's error code for the log. */
interface Outgoing {
  readonly status: number;
  readonly code: number | null;
  readonly body: string;
}

/** Answers one request to the API. */
export type ApiServer = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void>;

/** Makes the side of the server that speaks Twilio's API. */
export function createApiServer(parts: ApiServerParts): ApiServer {
  const { backend, hasCredentials, faults, log, clock, delay, reportNotEmulated } = parts;
  return async (request, response, url) => {
    const { method = 'GET', headers } = request;
    const path = url.pathname;
    const finish = (outgoing: Outgoing) => {
      log.push({ method, path, status: outgoing.status, code: outgoing.code, at: new Date(clock.now()).toISOString() });
      send(response, outgoing, clock.now());
    };

    if (isCrossSite(headers, url.host)) {
      request.resume();
      return finish(refusal(new ApiError(20403)));
    }
    if (!hasCredentials(headers.authorization)) {
      request.resume();
      response.setHeader('WWW-Authenticate', 'Basic realm="Twilio API"');
      return finish(refusal(new ApiError(20003)));
    }
    const body = await readBody(request);
    if (body === null) return;
    if (body === undefined) {
      // The rest of the body is not read, so the connection cannot be used again.
      response.setHeader('Connection', 'close');
      return finish(refusal(new ApiError(20413)));
    }
    const form = new URLSearchParams(isForm(headers['content-type']) ? body : '');
    const call: ApiCall = { method, path, query: url.searchParams, form, baseUrl: url.origin, nowMs: clock.now() };
    const match = matchRoute(method, path);
    if (match.found === 'operation') {
      reportNotEmulated(match.operation);
      return finish(refusal(notEmulated(match.operation)));
    }
    if (match.found !== 'action') {
      return finish(refusal(match.found === 'path' ? new ApiError(20004) : notFound(path)));
    }
    const { action, variables } = match;
    const perform = () => attempt(() => action.handle(backend, call, ...variables));
    const target = targetOf(action.kind, backend, call, variables);
    const effect = faults.take(target) ?? magicEffect(target);
    if (effect === undefined) return finish(perform());

    // A slow answer comes from a call that was made at once, as it is when Twilio is slow.
    const { answer, drop, delayMs, takesEffect } = effect;
    const performed = takesEffect || (answer === undefined && !drop) ? perform() : undefined;
    const outgoing = drop ? undefined : (answer ?? performed);
    if (delayMs > 0 && !(await delay(delayMs))) return;
    if (outgoing === undefined) {
      log.push({ method, path, status: 0, code: null, at: new Date(clock.now()).toISOString() });
      request.socket.destroy();
      return;
    }
    finish(outgoing);
  };
}

function attempt(handle: () => ApiAnswer): Outgoing {
  try {
    const { status, body } = handle();
    return { status, code: null, body: body === null ? '' : JSON.stringify(body) };
  } catch (error) {
    if (error instanceof ApiError) return refusal(error);
    // An error of the emulator itself, or of the option `now`: the caller gets Twilio's 500, the developer a warning.
    process.emitWarning(error instanceof Error ? error : String(error));
    return refusal(new ApiError(20500));
  }
}

function refusal({ code, status, message }: ApiError): Outgoing {
  return { status, code, body: JSON.stringify(apiErrorBody(code, status, message)) };
}

function isForm(contentType: string | undefined): boolean {
  return contentType?.toLowerCase().startsWith('application/x-www-form-urlencoded') ?? false;
}

/** Returns the target that a fault is matched by: the kind of the call and its recipient. */
function targetOf(
  kind: EmulatorCall,
  { lifecycle, services }: Backend,
  call: ApiCall,
  variables: [string, string, string],
): FaultTarget {
  const [serviceSid, second] = variables;
  const channel = kind === 'create' ? (call.form.get('Channel') ?? undefined) : undefined;
  if (kind === 'lookup') return { kind, to: serviceSid, channel };
  const given = call.form.get('To');
  const sid = kind === 'check' ? call.form.get('VerificationSid') : second;
  const service = services.get(serviceSid);
  if (given !== null || sid === null || service === undefined) return { kind, to: given ?? undefined, channel };
  return { kind, to: lifecycle.find(service, sid, call.nowMs)?.to, channel };
}

function magicEffect({ kind, to }: FaultTarget): FaultEffect | undefined {
  const transport = kind === 'create' && to !== undefined ? findMagicNumber(to)?.transport : undefined;
  if (transport === undefined) return undefined;
  const { status, body, delayMs = 0, drop = false } = transport;
  const answer = status === undefined ? undefined : { status, body: body ?? '', code: null };
  return { delayMs, drop, takesEffect: false, answer };
}

function send(response: ServerResponse, { status, body }: Outgoing, nowMs: number): void {
  if (response.destroyed) return;
  // Proxies and load balancers answer with a page instead of JSON.
  const contentType = body.trimStart().startsWith('<') ? 'text/html; charset=utf-8' : 'application/json; charset=utf-8';
  response.writeHead(status, {
    ...(body === '' ? {} : { 'Content-Type': contentType }),
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    // Node's own is of the system's clock. The dates in the body are not.
    Date: new Date(nowMs).toUTCString(),
    'X-Content-Type-Options': 'nosniff',
    'Twilio-Request-Id': createSid('RQ'),
  });
  response.end(body);
}
