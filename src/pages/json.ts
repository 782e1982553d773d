import { STATUS_CODES } from 'node:http';
import { REFUSAL_STATUS, type Refusal } from '../common/outcome.js';
import type { Texts } from '../texts/texts.js';
import type { MethodChoice } from './models.js';
import type { FinalReply, RedirectReply, ViewReply } from './reply.js';

/** The response to an API client, instead of a page. `docs/openapi.yaml` describes it. */
export interface JsonAnswer {
  readonly status: number;
  readonly type: 'application/json' | 'application/problem+json';
  readonly body: object;
  readonly retryAfterSeconds?: number | undefined;
}

/**
 * Builds the response to an API client: problem details (RFC 9457) for a refusal, the user's state for everything else.
 */
export function jsonAnswerOf(reply: FinalReply, texts: Texts): JsonAnswer {
  if (reply.type === 'redirectRefused') {
    return problem(reply.refusal, REFUSAL_STATUS[reply.refusal.code], texts, reply.field);
  }
  if (reply.type === 'view' && reply.error) return problem(reply.error.refusal, reply.status, texts, reply.error.field);
  return { status: 200, type: 'application/json', body: documentOf(reply) };
}

/** The user's state, and the actions that are possible now. */
function documentOf(reply: ViewReply | RedirectReply): object {
  const { result } = reply;
  if (reply.type === 'redirect') return { step: 'done', result, location: reply.location };
  switch (reply.view) {
    case 'start': {
      const { purpose, choices, canEnterCode } = reply.model;
      const methods = choices.map(choiceOf);
      return { step: 'start', result, purpose, methods, canEnterCode, ...recoveryOf(reply.model) };
    }
    case 'verify': {
      const { purpose, method, expiresAt, resendAt, attemptsLeft, isJoined, codeLength, hasOtherMethods } = reply.model;
      const joined = isJoined ? { isJoined } : {};
      const pending = { purpose, ...choiceOf(method), expiresAt, resendAt, attemptsLeft, ...joined };
      const { rememberDays } = reply.model;
      return { step: 'verify', result, pending, codeLength, hasOtherMethods, rememberDays, ...recoveryOf(reply.model) };
    }
    case 'register':
    case 'change': {
      const { choices, countries, canSkip } = reply.model;
      return {
        step: reply.view,
        result,
        methods: choices.map(({ method, label }) => ({ method, label })),
        countries: countries.map(({ code, name, callingCode }) => ({ code, name, callingCode })),
        country: countries.find(({ isSelected }) => isSelected)?.code,
        canSkip,
      };
    }
    case 'success': {
      const { continueUrl, canChange, canEndOtherSessions, recoveryCodesLeft } = reply.model;
      return { step: 'done', result, location: continueUrl, canChange, canEndOtherSessions, recoveryCodesLeft };
    }
    case 'recovery':
      return { step: 'recovery', result, hasCodes: reply.model.hasCodes };
    case 'recovery-codes': {
      const { codes, left, canConfirm, isRequired, continueUrl } = reply.model;
      const created = codes.length > 0 ? { codes } : {};
      return { step: 'recoveryCodes', result, ...created, left, canConfirm, isRequired, location: continueUrl };
    }
    case 'security': {
      const { phoneNumber, email, devices, choices, preferredMethod, continueUrl, ...rest } = reply.model;
      return {
        step: 'security',
        result,
        phoneNumber: phoneNumber?.to,
        email: email?.to,
        ...rest,
        devices,
        methods: choices.map(({ method, label }) => ({ method, label })),
        preferredMethod: preferredMethod || undefined,
        location: continueUrl,
      };
    }
    case 'failed': {
      const { code, reason, canRetry, canEnterCode, canUseOtherMethod } = reply.model;
      const otherMethod = canUseOtherMethod ? { canUseOtherMethod } : {};
      return {
        step: 'failed',
        code,
        reason,
        canRetry,
        canEnterCode,
        ...recoveryOf(reply.model),
        ...otherMethod,
        ...waitOf(reply.retryAfterSeconds),
      };
    }
  }
}

/** Only where it is `true`: an app without recovery codes has nothing to say about them. */
function recoveryOf({ canRecover }: { readonly canRecover: boolean }): { readonly canRecover?: true } {
  return canRecover ? { canRecover } : {};
}

/** API clients distinguish problems by `code`. A separate `type` for each would repeat it. */
function problem(refusal: Refusal, status: number, texts: Texts, aboutField?: string): JsonAnswer {
  const { code, attemptsLeft, retryAfterSeconds, field = aboutField } = refusal;
  const title = STATUS_CODES[status];
  const detail = texts.refusal(refusal);
  const body = { type: 'about:blank', title, status, detail, code, field, attemptsLeft, ...waitOf(retryAfterSeconds) };
  return { status, type: 'application/problem+json', body, retryAfterSeconds };
}

function choiceOf({ method, label, to }: MethodChoice) {
  return { method, label, to };
}

/** JSON has no infinity: `null` means "only an administrator can end it". */
function waitOf(retryAfterSeconds: number | undefined): { retryAfterSeconds?: number | null } {
  if (retryAfterSeconds === undefined) return {};
  return { retryAfterSeconds: Number.isFinite(retryAfterSeconds) ? retryAfterSeconds : null };
}
