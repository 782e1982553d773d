import { ApiError, invalidParameter, notFound } from '../api/api-error.js';
import type { EmulatorSettings } from '../options.js';
import type { EmulatorChannel } from './channels.js';
import { createCode } from './codes.js';
import type { Service } from './services.js';
import { createSid } from './sids.js';
import { addSend, type Verification, type VerificationStore } from './verifications.js';

/** The parameters of a create, parsed and checked. */
export interface StartRequest {
  readonly service: Service;
  readonly to: string;
  readonly channel: EmulatorChannel;
  readonly customCode: string | undefined;
  readonly amount: string | null;
  readonly payee: string | null;
}

/** The parameters of a check. It finds a verification by its SID or by its recipient. */
export interface CheckRequest {
  readonly service: Service;
  readonly to: string | undefined;
  readonly sid: string | undefined;
  readonly code: string;
  readonly amount: string | null;
  readonly payee: string | null;
  readonly path: string;
}

/** The rules of a verification's life. */
export interface Lifecycle {
  /** Starts a verification, or sends the one that is pending once more. */
  start(request: StartRequest, nowMs: number): Verification;
  /** Checks a code. Returns the verification, or `undefined` if none was pending. */
  check(request: CheckRequest, nowMs: number): Verification | undefined;
  /** Finds a verification by its SID or its address. */
  find(service: Service, sidOrAddress: string, nowMs: number): Verification | undefined;
  /** Approves one, and forgets it, or cancels one: it can then still be fetched. */
  update(verification: Verification, status: 'approved' | 'canceled', nowMs: number): void;
}

/** Makes the rules over a store. */
export function createLifecycle(settings: EmulatorSettings, store: VerificationStore): Lifecycle {
  const find = ({ sid: serviceSid }: Service, sidOrAddress: string, nowMs: number) => {
    const byAddress = store.byAddress(serviceSid, sidOrAddress, nowMs);
    const found = byAddress ?? store.bySid(sidOrAddress, nowMs);
    return found?.serviceSid === serviceSid ? found : undefined;
  };

  return {
    find(service, sidOrAddress, nowMs) {
      const found = find(service, sidOrAddress, nowMs);
      return found?.status === 'deleted' ? undefined : found;
    },

    start(request, nowMs) {
      const { service, to, channel } = request;
      const pending = store.byAddress(service.sid, to, nowMs);
      if (pending !== undefined && pending.status !== 'deleted') {
        if (pending.sends.length >= settings.maxSends) throw new ApiError(60203);
        // The same code and the same end: a resend neither changes the code nor prolongs its life.
        addSend(pending, channel, nowMs);
        return pending;
      }
      const { amount, payee, customCode } = request;
      const verification: Verification = {
        sid: createSid('VE'),
        serviceSid: service.sid,
        to,
        code: customCode ?? createCode(service.settings.code_length),
        createdAtMs: nowMs,
        amount,
        payee,
        channel,
        status: 'pending',
        updatedAtMs: nowMs,
        wrongChecks: 0,
        sends: [],
      };
      addSend(verification, channel, nowMs);
      store.add(verification);
      return verification;
    },

    check(request, nowMs) {
      const { service, to, sid, path } = request;
      if (to === undefined && sid === undefined) throw new ApiError(60221);
      const found = find(service, sid ?? to ?? '', nowMs);
      const isMeant = found !== undefined && found.status !== 'canceled' && (to === undefined || found.to === to);
      if (!isMeant) {
        if (settings.checkWithoutPending === 'pending') return undefined;
        throw notFound(path);
      }
      if (found.wrongChecks >= settings.maxChecks) throw new ApiError(60202);
      found.updatedAtMs = nowMs;
      if (isRight(found, request)) {
        found.status = 'approved';
        store.remove(found);
        return found;
      }
      found.wrongChecks += 1;
      if (found.wrongChecks < settings.maxChecks) return found;
      // The check that uses the last attempt up is answered like any wrong one; what comes after it sees the end.
      const answered = { ...found };
      found.status = settings.afterMaxChecks === 'kept' ? 'max_attempts_reached' : 'deleted';
      return answered;
    },

    update(verification, status, nowMs) {
      verification.status = status;
      verification.updatedAtMs = nowMs;
      if (status === 'approved') store.remove(verification);
      else store.release(verification);
    },
  };
}

function isRight({ code, amount, payee }: Verification, request: CheckRequest): boolean {
  if (!request.service.settings.psd2_enabled) return request.code === code;
  // With PSD2 the code stands for one payment only.
  return request.code === code && request.amount === amount && request.payee === payee;
}

/** Returns the custom code to use, or `undefined` to let Verify choose the code. */
export function admitCustomCode(code: string | undefined, service: Service, settings: EmulatorSettings) {
  if (code === undefined || service.settings.custom_code_enabled) return code;
  switch (settings.customCodeNotEnabled) {
    case 'accepted':
      return code;
    case 'invalid':
      throw invalidParameter('CustomCode', code);
    case 'forbidden':
      throw new ApiError(60204);
  }
}
