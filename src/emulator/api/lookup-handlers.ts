import { findMagicNumber } from '../faults/magic-numbers.js';
import { findCallingCode, findNumbering, type Numbering } from '../rules/calling-codes.js';
import { isPhoneNumber } from '../rules/channels.js';
import { findLineType } from '../rules/line-types.js';
import type { ApiAnswer, ApiCall } from './api-call.js';
import { ApiError, invalidParameter } from './api-error.js';
import type { Backend } from './backend.js';

/** Every package of a lookup. The emulator knows the line type, and the others stay `null`. */
const PACKAGES = [
  'caller_name',
  'sim_swap',
  'call_forwarding',
  'line_status',
  'line_type_intelligence',
  'identity_match',
  'reassigned_number',
  'sms_pumping_risk',
  'phone_number_quality_score',
  'pre_fill',
] as const;

/** Longest number that is looked up, digits and marks together. */
const MAX_LENGTH = 32;

/** `GET /v2/PhoneNumbers/{PhoneNumber}`: looks a number up, with its line type where `Fields` asks for it. */
export function fetchPhoneNumber(_backend: Backend, call: ApiCall, given: string): ApiAnswer {
  const fields = (call.query.get('Fields') ?? '').split(',').filter((field) => field !== '');
  for (const field of fields) {
    if (field !== 'validation' && !PACKAGES.some((known) => known === field)) throw invalidParameter('Fields', field);
  }
  const number = normalize(given, call.query.get('CountryCode') ?? 'US');
  const refusal = findMagicNumber(number)?.create;
  if (refusal?.code === 20429 || refusal?.code === 20003) throw new ApiError(refusal.code);
  const numbering = findNumbering(number);
  const error = findError(number, numbering);
  const isValid = error === undefined && numbering !== undefined;
  const asksForLine = fields.includes('line_type_intelligence');
  return {
    status: 200,
    body: {
      calling_country_code: isValid ? numbering.callingCode : null,
      country_code: isValid ? numbering.country : null,
      phone_number: number,
      national_format: isValid ? formatNational(numbering) : null,
      valid: isValid,
      validation_errors: error === undefined ? [] : [error],
      ...Object.fromEntries(PACKAGES.map((name) => [name, null])),
      line_type_intelligence: isValid && asksForLine ? lineTypeIntelligence(number) : null,
      url: `${call.baseUrl}/v2/PhoneNumbers/${number}`,
    },
  };
}

function lineTypeIntelligence(number: string): object {
  const { type, carrierName, mobileCountryCode, mobileNetworkCode } = findLineType(number);
  return {
    error_code: null,
    mobile_country_code: mobileCountryCode,
    mobile_network_code: mobileNetworkCode,
    carrier_name: carrierName,
    type,
  };
}

/** Brings a number into E.164 form; one in national form is read in `country`. */
function normalize(given: string, country: string): string {
  if (given.length > MAX_LENGTH || /[^0-9A-Za-z+().\-/ ]/.test(given)) throw invalidParameter('PhoneNumber', given);
  const digits = given.replace(/[^0-9A-Za-z]/g, '');
  if (given.trimStart().startsWith('+')) return `+${digits}`;
  const callingCode = findCallingCode(country);
  if (callingCode === undefined) throw invalidParameter('CountryCode', country);
  const hasCode = callingCode === '1' && digits.length === 11 && digits.startsWith('1');
  return `+${callingCode}${hasCode ? digits.slice(1) : digits.replace(/^0/, '')}`;
}

function findError(number: string, numbering: Numbering | undefined): string | undefined {
  if (!/^\+\d+$/.test(number)) return 'NOT_A_NUMBER';
  if (numbering === undefined) return 'INVALID_COUNTRY_CODE';
  const [shortest, longest] = numbering.callingCode === '1' ? [10, 10] : [5, 14 - numbering.callingCode.length + 1];
  if (numbering.national.length < shortest) return 'TOO_SHORT';
  if (numbering.national.length > longest) return 'TOO_LONG';
  return isPhoneNumber(number) ? undefined : 'INVALID_BUT_POSSIBLE';
}

/** Writes a number as people of its country would: exactly for North America, elsewhere the digits in one row. */
function formatNational({ callingCode, national }: Numbering): string {
  return callingCode === '1' ? `(${national.slice(0, 3)}) ${national.slice(3, 6)}-${national.slice(6)}` : national;
}
