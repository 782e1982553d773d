import { CODE_LENGTH } from '../rules/codes.js';
import { defaultServiceSettings, type ServiceSettings } from '../rules/services.js';
import type { ApiAnswer, ApiCall } from './api-call.js';
import { invalidParameter, missingParameter, notFound } from './api-error.js';
import { type Backend, contextOf, requireService } from './backend.js';
import { pageOf } from './paging.js';
import { readBoolean, readInteger, readText } from './parameters.js';
import { serviceResource } from './resources.js';

/** `POST /v2/Services`: makes a service. */
export function createService(backend: Backend, call: ApiCall): ApiAnswer {
  const name = readFriendlyName(call.form);
  if (name === undefined) throw missingParameter('FriendlyName');
  const service = backend.services.create(readSettings(call.form, defaultServiceSettings(name)), call.nowMs);
  return { status: 201, body: serviceResource(contextOf(backend, call), service) };
}

/** `GET /v2/Services`: lists the services of the account. */
export function listServices(backend: Backend, call: ApiCall): ApiAnswer {
  const context = contextOf(backend, call);
  const body = pageOf(call, 'services', backend.services.list(), (service) => serviceResource(context, service));
  return { status: 200, body };
}

/** `GET /v2/Services/{Sid}`: fetches a service. */
export function fetchService(backend: Backend, call: ApiCall, sid: string): ApiAnswer {
  const service = requireService(backend, sid, call.path);
  return { status: 200, body: serviceResource(contextOf(backend, call), service) };
}

/** `POST /v2/Services/{Sid}`: changes a service. The codes of pending verifications stay as they are. */
export function updateService(backend: Backend, call: ApiCall, sid: string): ApiAnswer {
  const service = requireService(backend, sid, call.path);
  service.settings = readSettings(call.form, service.settings);
  service.updatedAtMs = call.nowMs;
  return { status: 200, body: serviceResource(contextOf(backend, call), service) };
}

/** `DELETE /v2/Services/{Sid}`: deletes a service with its rate limits; its verifications can be reached no more. */
export function deleteService(backend: Backend, call: ApiCall, sid: string): ApiAnswer {
  if (!backend.services.delete(sid)) throw notFound(call.path);
  backend.rateLimits.deleteService(sid);
  return { status: 204, body: null };
}

function readSettings(form: URLSearchParams, present: ServiceSettings): ServiceSettings {
  const { push, totp, whatsapp, passkeys } = present;
  const party = passkeys.relying_party;
  return {
    friendly_name: readFriendlyName(form) ?? present.friendly_name,
    code_length: readInteger(form, 'CodeLength', CODE_LENGTH.min, CODE_LENGTH.max) ?? present.code_length,
    lookup_enabled: readBoolean(form, 'LookupEnabled') ?? present.lookup_enabled,
    psd2_enabled: readBoolean(form, 'Psd2Enabled') ?? present.psd2_enabled,
    skip_sms_to_landlines: readBoolean(form, 'SkipSmsToLandlines') ?? present.skip_sms_to_landlines,
    dtmf_input_required: readBoolean(form, 'DtmfInputRequired') ?? present.dtmf_input_required,
    tts_name: readText(form, 'TtsName', 100) ?? present.tts_name,
    do_not_share_warning_enabled: readBoolean(form, 'DoNotShareWarningEnabled') ?? present.do_not_share_warning_enabled,
    custom_code_enabled: readBoolean(form, 'CustomCodeEnabled') ?? present.custom_code_enabled,
    push: {
      include_date: readBoolean(form, 'Push.IncludeDate') ?? push.include_date,
      apn_credential_sid: readSid(form, 'Push.ApnCredentialSid', 'CR') ?? push.apn_credential_sid,
      fcm_credential_sid: readSid(form, 'Push.FcmCredentialSid', 'CR') ?? push.fcm_credential_sid,
    },
    totp: {
      issuer: readText(form, 'Totp.Issuer', 100) ?? totp.issuer,
      time_step: readInteger(form, 'Totp.TimeStep', 20, 60) ?? totp.time_step,
      code_length: readInteger(form, 'Totp.CodeLength', 3, 8) ?? totp.code_length,
      skew: readInteger(form, 'Totp.Skew', 0, 2) ?? totp.skew,
    },
    default_template_sid: readSid(form, 'DefaultTemplateSid', 'HJ') ?? present.default_template_sid,
    whatsapp: {
      msg_service_sid: readSid(form, 'Whatsapp.MsgServiceSid', 'MG') ?? whatsapp.msg_service_sid,
      from: readText(form, 'Whatsapp.From', 100) ?? whatsapp.from,
    },
    passkeys: {
      relying_party: {
        id: readText(form, 'Passkeys.RelyingParty.Id') ?? party.id,
        name: readText(form, 'Passkeys.RelyingParty.Name') ?? party.name,
        origins: readText(form, 'Passkeys.RelyingParty.Origins')?.split(',') ?? party.origins,
      },
      authenticator_attachment:
        readText(form, 'Passkeys.AuthenticatorAttachment', 100) ?? passkeys.authenticator_attachment,
      discoverable_credentials:
        readText(form, 'Passkeys.DiscoverableCredentials', 100) ?? passkeys.discoverable_credentials,
      user_verification: readText(form, 'Passkeys.UserVerification', 100) ?? passkeys.user_verification,
    },
    verify_event_subscription_enabled:
      readBoolean(form, 'VerifyEventSubscriptionEnabled') ?? present.verify_event_subscription_enabled,
  };
}

/** A name has 30 characters at most and, so that it cannot pass for a phone number, four digits at most. */
function readFriendlyName(form: URLSearchParams): string | undefined {
  const name = readText(form, 'FriendlyName', 30);
  if (name !== undefined && name.replace(/\D/g, '').length > 4) throw invalidParameter('FriendlyName', name);
  return name;
}

function readSid(form: URLSearchParams, name: string, prefix: string): string | undefined {
  const sid = readText(form, name);
  if (sid !== undefined && !new RegExp(`^${prefix}[0-9a-fA-F]{32}$`).test(sid)) throw invalidParameter(name, sid);
  return sid;
}
