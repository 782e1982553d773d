import { isIP } from 'node:net';
import { findMagicNumber } from '../faults/magic-numbers.js';
import { findLocale } from '../inbox/message-templates.js';
import { chooseLocale, composeMessage } from '../inbox/message-text.js';
import { isAddress, parseChannel } from '../rules/channels.js';
import { isCode } from '../rules/codes.js';
import { admitCustomCode } from '../rules/lifecycle.js';
import { findLineType } from '../rules/line-types.js';
import { isSid } from '../rules/sids.js';
import type { ApiAnswer, ApiCall } from './api-call.js';
import { ApiError, invalidParameter, notFound } from './api-error.js';
import { type Backend, contextOf, requireService } from './backend.js';
import { readText, readTextMap, requireText } from './parameters.js';
import { checkResource, verificationResource } from './resources.js';

/** Longest friendly name; a name that fits a service fits a message. */
const MAX_NAME_LENGTH = 30;

/** `POST /v2/Services/{ServiceSid}/Verifications`: starts a verification, or sends it once more. */
export function createVerification(backend: Backend, call: ApiCall, serviceSid: string): ApiAnswer {
  const { settings, lifecycle, rateLimits, inbox } = backend;
  const { form, nowMs, path } = call;
  const service = requireService(backend, serviceSid, path);
  const to = requireText(form, 'To');
  const asked = requireText(form, 'Channel');
  const channel = parseChannel(asked);
  if (channel === undefined) throw invalidParameter('Channel', asked);
  if (!isAddress(to, channel)) throw invalidParameter('To', to);

  const locale = readLocale(backend, call);
  const serviceName = readText(form, 'CustomFriendlyName', MAX_NAME_LENGTH) ?? service.settings.friendly_name;
  const customCode = readText(form, 'CustomCode');
  if (customCode !== undefined && !isCode(customCode)) throw invalidParameter('CustomCode', customCode);
  const amount = readText(form, 'Amount') ?? null;
  const payee = readText(form, 'Payee') ?? null;
  if (service.settings.psd2_enabled) {
    if (amount === null || payee === null) throw new ApiError(60206);
    if (channel === 'call') throw new ApiError(60214);
  }
  checkUnused(form);
  const keys = readTextMap(form, 'RateLimits') ?? {};
  const appHash = readText(form, 'AppHash', 50);

  if (!settings.channels.includes(channel)) throw new ApiError(60223);
  const refusal = findMagicNumber(to)?.create;
  if (refusal !== undefined && (refusal.channels ?? [channel]).includes(channel)) {
    throw refusal.code === 60200 ? invalidParameter('To', to) : new ApiError(refusal.code);
  }
  const skipsLandlines = service.settings.lookup_enabled && service.settings.skip_sms_to_landlines;
  if (skipsLandlines && channel === 'sms' && findLineType(to).type === 'landline') throw new ApiError(60205);
  const admitted = admitCustomCode(customCode, service, settings);
  rateLimits.consume(service.sid, keys, nowMs);

  const verification = lifecycle.start({ service, to, channel, customCode: admitted, amount, payee }, nowMs);
  const language = chooseLocale(locale, to);
  const { code } = verification;
  const warns = service.settings.do_not_share_warning_enabled;
  inbox.deliver({
    to,
    channel,
    code,
    verificationSid: verification.sid,
    serviceSid: service.sid,
    serviceName,
    locale: language,
    body: composeMessage({ channel, locale: language, serviceName, code, warns, appHash }),
    sentAt: new Date(nowMs).toISOString(),
  });
  return { status: 201, body: verificationResource(contextOf(backend, call), service, verification) };
}

/** Refuses what Twilio refuses of the parameters that make no difference here. */
function checkUnused(form: URLSearchParams): void {
  const refuseUnless = (name: string, isRight: (value: string) => boolean) => {
    const value = readText(form, name);
    if (value !== undefined && !isRight(value)) throw invalidParameter(name, value);
  };
  refuseUnless('TemplateSid', (value) => /^HJ[0-9a-fA-F]{32}$/.test(value));
  refuseUnless('RiskCheck', (value) => value === 'enable' || value === 'disable');
  refuseUnless('DeviceIp', (value) => isIP(value) !== 0);
  readTextMap(form, 'Tags');
  readTextMap(form, 'TemplateCustomSubstitutions');
}

function readLocale({ settings }: Backend, { form }: ApiCall): string | undefined {
  const asked = readText(form, 'Locale');
  const locale = asked === undefined ? undefined : findLocale(asked);
  if (asked !== undefined && locale === undefined) {
    throw settings.unknownLocale === 'invalid' ? invalidParameter('Locale', asked) : new ApiError(60229);
  }
  return locale;
}

/** `GET …/Verifications/{Sid}`: fetches one by its SID, or by the address it was sent to. */
export function fetchVerification(backend: Backend, call: ApiCall, serviceSid: string, sid: string): ApiAnswer {
  const service = requireService(backend, serviceSid, call.path);
  const verification = backend.lifecycle.find(service, sid, call.nowMs);
  if (verification === undefined) throw notFound(call.path);
  return { status: 200, body: verificationResource(contextOf(backend, call), service, verification) };
}

/** `POST …/Verifications/{Sid}`: approves or cancels one. */
export function updateVerification(backend: Backend, call: ApiCall, serviceSid: string, sid: string): ApiAnswer {
  const service = requireService(backend, serviceSid, call.path);
  const status = requireText(call.form, 'Status');
  if (status !== 'approved' && status !== 'canceled') throw invalidParameter('Status', status);
  const verification = backend.lifecycle.find(service, sid, call.nowMs);
  // A canceled one can be fetched, and nothing else.
  if (verification === undefined || verification.status === 'canceled') throw notFound(call.path);
  backend.lifecycle.update(verification, status, call.nowMs);
  return { status: 200, body: verificationResource(contextOf(backend, call), service, verification) };
}

/** `POST …/VerificationCheck`: checks a code. */
export function createVerificationCheck(backend: Backend, call: ApiCall, serviceSid: string): ApiAnswer {
  const { settings, lifecycle } = backend;
  const { form, nowMs, path } = call;
  const service = requireService(backend, serviceSid, path);
  const to = readText(form, 'To');
  const sid = readText(form, 'VerificationSid');
  if (to === undefined && sid === undefined) throw new ApiError(60221);
  if (to !== undefined && !isAddress(to, to.includes('@') ? 'email' : 'sms')) throw invalidParameter('To', to);
  if (sid !== undefined && !isSid(sid, 'VE')) throw invalidParameter('VerificationSid', sid);
  const code = requireText(form, 'Code');
  if (!isCode(code)) throw invalidParameter('Code', code);
  const amount = readText(form, 'Amount') ?? null;
  const payee = readText(form, 'Payee') ?? null;
  if (service.settings.psd2_enabled && (amount === null || payee === null)) throw new ApiError(60206);

  const address = to ?? (sid === undefined ? undefined : lifecycle.find(service, sid, nowMs)?.to);
  const refusal = address === undefined ? undefined : findMagicNumber(address)?.check;
  if (refusal?.code === 20404) throw notFound(path);
  if (refusal !== undefined) throw new ApiError(refusal.code);

  const checked = lifecycle.check({ service, to, sid, code, amount, payee, path }, nowMs);
  const context = contextOf(backend, call);
  const body =
    checked === undefined ? nothingPending(context.accountSid, service.sid, call) : checkResource(context, checked);
  return { status: settings.checkStatus, body };
}

/** The answer to a check that found nothing, where the options want one that is not an error. */
function nothingPending(accountSid: string, serviceSid: string, { form, nowMs }: ApiCall): object {
  return checkResource(
    { accountSid, baseUrl: '' },
    {
      sid: readText(form, 'VerificationSid') ?? `VE${'0'.repeat(32)}`,
      serviceSid,
      to: readText(form, 'To') ?? '',
      code: '',
      createdAtMs: nowMs,
      updatedAtMs: nowMs,
      amount: null,
      payee: null,
      channel: 'sms',
      status: 'pending',
      wrongChecks: 0,
      sends: [],
    },
  );
}
