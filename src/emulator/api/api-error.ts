import type { TwilioOperation } from './twilio-operations.js';

/** Twilio's error codes that the emulator gives, each with its HTTP status and the message that Twilio sends. */
export const API_ERRORS = {
  20001: { status: 400, message: 'Missing required parameter in the post body' },
  20003: { status: 401, message: 'Authenticate' },
  20004: { status: 405, message: 'Method not allowed' },
  20403: { status: 403, message: 'The emulator refuses requests from pages of other sites' },
  20404: { status: 404, message: 'The requested resource was not found' },
  20413: { status: 413, message: 'Request body too large' },
  20429: { status: 429, message: 'Too many requests' },
  20500: { status: 500, message: 'An internal server error has occurred' },
  20501: { status: 501, message: 'Not emulated' },
  20503: { status: 503, message: 'Service unavailable' },
  21608: { status: 403, message: 'The phone number is unverified. Trial accounts cannot send messages to it' },
  60200: { status: 400, message: 'Invalid parameter' },
  60202: { status: 429, message: 'Max check attempts reached' },
  60203: { status: 429, message: 'Max send attempts reached' },
  60204: { status: 403, message: 'Service does not support this feature' },
  60205: { status: 403, message: 'SMS is not supported by landline phone number' },
  60206: { status: 400, message: "'Amount' & 'Payee' params are required" },
  60207: { status: 400, message: 'Max rate limits per service reached' },
  60208: { status: 400, message: 'Rate limit with that UniqueName already exists' },
  60209: { status: 400, message: 'UniqueName format is invalid' },
  60210: { status: 400, message: 'Max Buckets per Rate limit reached' },
  60211: { status: 400, message: 'Bucket with the given Interval already exists' },
  60212: { status: 429, message: 'Too many concurrent requests for phone number' },
  60214: { status: 400, message: 'Call channel is not supported when using PSD2' },
  60217: { status: 400, message: 'Invalid Service configuration' },
  60220: { status: 400, message: 'Messages to China require use case vetting' },
  60221: { status: 400, message: 'No target verification specified' },
  60223: { status: 400, message: 'Delivery channel disabled' },
  60229: { status: 404, message: 'Template translation was not found' },
  60238: { status: 403, message: 'Verification creation attempt blocked by Twilio' },
  60410: { status: 403, message: 'Verification delivery attempt blocked' },
  60605: { status: 403, message: 'Verification delivery attempt blocked' },
  68008: { status: 400, message: 'Channel not available for this country' },
} as const;

/** An error code that the emulator gives by itself. */
export type ApiErrorCode = keyof typeof API_ERRORS;

/** The body of an error, as Twilio writes it. */
export interface ApiErrorBody {
  readonly code: number;
  readonly message: string;
  readonly more_info: string;
  readonly status: number;
}

/** Makes the body of an error with any code. */
export function apiErrorBody(code: number, status: number, message: string): ApiErrorBody {
  return { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status };
}

/** A refusal of the emulated API; the server turns it into Twilio's status and body. */
export class ApiError extends Error {
  readonly code: ApiErrorCode;
  readonly status: number;

  constructor(code: ApiErrorCode, message: string = API_ERRORS[code].message) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.status = API_ERRORS[code].status;
  }
}

/** Longest value that a message repeats. */
const MAX_SHOWN_LENGTH = 100;

/** Returns the error for a parameter that Twilio does not accept. The message repeats the value, as Twilio's does. */
export function invalidParameter(name: string, value: string): ApiError {
  return new ApiError(60200, `Invalid parameter \`${name}\`: ${value.slice(0, MAX_SHOWN_LENGTH)}`);
}

/** Returns the error for a required parameter that is missing. */
export function missingParameter(name: string): ApiError {
  return new ApiError(20001, `Missing required parameter ${name} in the post body`);
}

/** The error for an operation of Twilio's that the emulator does not emulate. */
export function notEmulated(operation: TwilioOperation): ApiError {
  return new ApiError(20501, describeNotEmulated(operation));
}

/** Returns the sentence that names an operation that the emulator does not emulate. */
export function describeNotEmulated({ operationId, method, path }: TwilioOperation): string {
  return `The emulator does not emulate ${operationId} (${method} ${path}). Use a Twilio account to call it.`;
}

/** The error for a path, a service or a verification that does not exist, or no longer. */
export function notFound(path: string): ApiError {
  return new ApiError(20404, `The requested resource ${path} was not found`);
}
