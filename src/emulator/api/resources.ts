import { findLineType } from '../rules/line-types.js';
import type { Bucket, RateLimit } from '../rules/rate-limits.js';
import type { Service } from '../rules/services.js';
import type { Verification } from '../rules/verifications.js';
import { formatDate } from './api-call.js';

/** The account and the base URL of an answer. */
export interface ResourceContext {
  readonly accountSid: string;
  /** The URL at which the caller reached the emulator. */
  readonly baseUrl: string;
}

/** Writes a service as Twilio does. */
export function serviceResource({ accountSid, baseUrl }: ResourceContext, service: Service): object {
  const url = `${baseUrl}/v2/Services/${service.sid}`;
  return {
    sid: service.sid,
    account_sid: accountSid,
    ...service.settings,
    date_created: formatDate(service.createdAtMs),
    date_updated: formatDate(service.updatedAtMs),
    url,
    links: {
      verification_checks: `${url}/VerificationCheck`,
      verifications: `${url}/Verifications`,
      rate_limits: `${url}/RateLimits`,
      messaging_configurations: `${url}/MessagingConfigurations`,
      entities: `${url}/Entities`,
      webhooks: `${url}/Webhooks`,
      access_tokens: `${url}/AccessTokens`,
    },
  };
}

/** Writes a verification as Twilio does. It holds no code: Twilio's does not either. */
export function verificationResource(
  { accountSid, baseUrl }: ResourceContext,
  service: Service,
  verification: Verification,
): object {
  return {
    sid: verification.sid,
    service_sid: service.sid,
    account_sid: accountSid,
    to: verification.to,
    channel: verification.channel,
    status: verification.status,
    valid: verification.status === 'approved',
    date_created: formatDate(verification.createdAtMs),
    date_updated: formatDate(verification.updatedAtMs),
    lookup: service.settings.lookup_enabled ? { carrier: carrierOf(verification.to) } : {},
    amount: verification.amount,
    payee: verification.payee,
    send_code_attempts: verification.sends.map(({ timeMs, channel, sid }) => ({
      time: formatDate(timeMs),
      channel,
      attempt_sid: sid,
    })),
    sna: null,
    url: `${baseUrl}/v2/Services/${service.sid}/Verifications/${verification.sid}`,
  };
}

function carrierOf(to: string): object {
  const { type, carrierName, mobileCountryCode, mobileNetworkCode } = findLineType(to);
  return {
    mobile_country_code: mobileCountryCode,
    type,
    error_code: null,
    mobile_network_code: mobileNetworkCode,
    name: carrierName,
  };
}

/** Writes the outcome of a check as Twilio does. */
export function checkResource({ accountSid }: ResourceContext, verification: Verification): object {
  return {
    sid: verification.sid,
    service_sid: verification.serviceSid,
    account_sid: accountSid,
    to: verification.to,
    channel: verification.channel,
    status: verification.status,
    valid: verification.status === 'approved',
    amount: verification.amount,
    payee: verification.payee,
    sna_attempts_error_codes: [],
    date_created: formatDate(verification.createdAtMs),
    date_updated: formatDate(verification.updatedAtMs),
  };
}

/** Writes a rate limit as Twilio does. */
export function rateLimitResource({ accountSid, baseUrl }: ResourceContext, limit: RateLimit): object {
  const url = `${baseUrl}/v2/Services/${limit.serviceSid}/RateLimits/${limit.sid}`;
  return {
    sid: limit.sid,
    service_sid: limit.serviceSid,
    account_sid: accountSid,
    unique_name: limit.uniqueName,
    description: limit.description,
    date_created: formatDate(limit.createdAtMs),
    date_updated: formatDate(limit.updatedAtMs),
    url,
    links: { buckets: `${url}/Buckets` },
  };
}

/** Writes a bucket of a rate limit as Twilio does. */
export function bucketResource({ accountSid, baseUrl }: ResourceContext, limit: RateLimit, bucket: Bucket): object {
  return {
    sid: bucket.sid,
    rate_limit_sid: limit.sid,
    service_sid: limit.serviceSid,
    account_sid: accountSid,
    max: bucket.max,
    interval: bucket.intervalSeconds,
    date_created: formatDate(bucket.createdAtMs),
    date_updated: formatDate(bucket.updatedAtMs),
    url: `${baseUrl}/v2/Services/${limit.serviceSid}/RateLimits/${limit.sid}/Buckets/${bucket.sid}`,
  };
}
