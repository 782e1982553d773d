import { ApiError } from '../api/api-error.js';
import type { EmulatorSettings } from '../options.js';
import { createSid } from './sids.js';

/** A Verify service, in the words of Twilio's description. */
export interface Service {
  readonly sid: string;
  readonly createdAtMs: number;
  updatedAtMs: number;
  settings: ServiceSettings;
}

/** The settings of a service. */
export interface ServiceSettings {
  readonly friendly_name: string;
  readonly code_length: number;
  readonly lookup_enabled: boolean;
  readonly psd2_enabled: boolean;
  readonly skip_sms_to_landlines: boolean;
  readonly dtmf_input_required: boolean;
  readonly tts_name: string | null;
  readonly do_not_share_warning_enabled: boolean;
  readonly custom_code_enabled: boolean;
  readonly push: { include_date: boolean; apn_credential_sid: string | null; fcm_credential_sid: string | null };
  readonly totp: { issuer: string | null; time_step: number; code_length: number; skew: number };
  readonly default_template_sid: string | null;
  readonly whatsapp: { msg_service_sid: string | null; from: string | null };
  readonly passkeys: {
    relying_party: { id: string | null; name: string | null; origins: string[] | null };
    authenticator_attachment: string | null;
    discoverable_credentials: string | null;
    user_verification: string | null;
  };
  readonly verify_event_subscription_enabled: boolean;
}

/** Services that the emulator keeps: far more than a test makes, and few enough for its memory. */
const MAX_SERVICES = 10_000;

/** Returns the default settings of a service. The figures for TOTP are those of Twilio's description. */
export function defaultServiceSettings(friendlyName: string): ServiceSettings {
  return {
    friendly_name: friendlyName,
    code_length: 6,
    lookup_enabled: false,
    psd2_enabled: false,
    skip_sms_to_landlines: false,
    dtmf_input_required: false,
    tts_name: null,
    do_not_share_warning_enabled: false,
    custom_code_enabled: false,
    push: { include_date: false, apn_credential_sid: null, fcm_credential_sid: null },
    totp: { issuer: friendlyName, time_step: 30, code_length: 6, skew: 1 },
    default_template_sid: null,
    whatsapp: { msg_service_sid: null, from: null },
    passkeys: {
      relying_party: { id: null, name: null, origins: null },
      authenticator_attachment: null,
      discoverable_credentials: null,
      user_verification: null,
    },
    verify_event_subscription_enabled: false,
  };
}

/** The services of the account, by SID. */
export interface ServiceStore {
  create(settings: ServiceSettings, nowMs: number): Service;
  get(sid: string): Service | undefined;
  delete(sid: string): boolean;
  list(): Service[];
  /** Back to the one service of the options. */
  reset(): void;
}

/** Makes the store, with the service of the options in it. */
export function createServiceStore(settings: EmulatorSettings, now: () => number): ServiceStore {
  const services = new Map<string, Service>();
  const add = (sid: string, initial: ServiceSettings, nowMs: number) => {
    const service: Service = { sid, createdAtMs: nowMs, updatedAtMs: nowMs, settings: initial };
    services.set(sid, service);
    return service;
  };
  const reset = () => {
    services.clear();
    const initial = defaultServiceSettings(settings.serviceName);
    const { codeLength, customCodeEnabled } = settings;
    add(settings.serviceSid, { ...initial, code_length: codeLength, custom_code_enabled: customCodeEnabled }, now());
  };
  reset();
  return {
    reset,
    create(initial, nowMs) {
      if (services.size >= MAX_SERVICES) throw new ApiError(20429);
      return add(createSid('VA'), initial, nowMs);
    },
    get: (sid) => services.get(sid),
    delete: (sid) => services.delete(sid),
    list: () => [...services.values()],
  };
}
