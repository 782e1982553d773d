import type { ApiErrorCode } from '../api/api-error.js';
import type { EmulatorChannel } from '../rules/channels.js';

/** The start of every magic number. The last four digits are usually those of the error code. */
export const MAGIC_PREFIX = '+1907555';

/** How the emulator behaves towards one number. */
export interface MagicNumber {
  /** E.164. */
  readonly number: string;
  /** A description of its behavior. */
  readonly meaning: string;
  /** The error code of every create, on these channels or on all. */
  readonly create?: { readonly code: ApiErrorCode; readonly channels?: readonly EmulatorChannel[] };
  /** The error code of every check. */
  readonly check?: { readonly code: ApiErrorCode };
  /** An answer to every create that is not Twilio's error: a status and a body, a late answer, or none. */
  readonly transport?: {
    readonly status?: number;
    readonly body?: string;
    readonly delayMs?: number;
    readonly drop?: boolean;
  };
  /** The line type that a lookup returns. */
  readonly lineType?: string;
}

const HTML_503 = '<!doctype html><title>503 Service Unavailable</title><h1>Service Unavailable</h1>';

/** How late the slow number answers, in milliseconds. */
const SLOW_MS = 15_000;

const refused = (lastFour: string, code: ApiErrorCode, meaning: string): MagicNumber => ({
  number: MAGIC_PREFIX + lastFour,
  meaning,
  create: { code },
});
const line = (lastFour: string, lineType: string): MagicNumber => ({
  number: MAGIC_PREFIX + lastFour,
  meaning: `a lookup returns ${lineType}`,
  lineType,
});

/** The numbers that make the emulator fail on request. */
export const MAGIC_NUMBERS: readonly MagicNumber[] = [
  refused('0200', 60200, 'not a valid number'),
  refused('0203', 60203, 'too many sends'),
  {
    number: `${MAGIC_PREFIX}0205`,
    meaning: 'a landline: no SMS and no WhatsApp, a call works',
    create: { code: 60205, channels: ['sms', 'whatsapp'] },
    lineType: 'landline',
  },
  refused('0212', 60212, 'too many concurrent requests'),
  refused('0217', 60217, 'the service is not set up for the channel'),
  refused('0220', 60220, 'messages to this country need vetting'),
  refused('0223', 60223, 'the channel is switched off'),
  {
    number: `${MAGIC_PREFIX}0224`,
    meaning: 'only WhatsApp is switched off',
    create: { code: 60223, channels: ['whatsapp'] },
  },
  refused('0238', 60238, 'blocked by Twilio'),
  refused('0410', 60410, 'blocked by Fraud Guard'),
  refused('0605', 60605, 'the country is blocked'),
  refused('8008', 68008, 'the channel is not available in this country'),
  refused('1608', 21608, 'a trial account cannot send to it'),
  refused('0429', 20429, 'rate limited'),
  refused('0003', 20003, 'Twilio refuses the credentials'),
  { number: `${MAGIC_PREFIX}0202`, meaning: 'sent, and too many attempts at every check', check: { code: 60202 } },
  { number: `${MAGIC_PREFIX}0404`, meaning: 'sent, and expired at every check', check: { code: 20404 } },
  refused('0500', 20500, 'an internal error, as JSON'),
  { number: `${MAGIC_PREFIX}0502`, meaning: 'broken JSON', transport: { status: 502, body: '{"code": 20500, "mess' } },
  { number: `${MAGIC_PREFIX}0503`, meaning: 'an HTML page', transport: { status: 503, body: HTML_503 } },
  { number: `${MAGIC_PREFIX}0504`, meaning: 'sent, but answered after 15 seconds', transport: { delayMs: SLOW_MS } },
  { number: `${MAGIC_PREFIX}0499`, meaning: 'the connection is dropped', transport: { drop: true } },
  line('1000', 'mobile'),
  line('1001', 'landline'),
  line('1002', 'tollFree'),
  line('1003', 'fixedVoip'),
  line('1004', 'nonFixedVoip'),
  line('1005', 'personal'),
  line('1006', 'premium'),
  line('1007', 'voicemail'),
  line('1008', 'sharedCost'),
  line('1009', 'uan'),
  line('1010', 'pager'),
  line('1011', 'unknown'),
];

const BY_NUMBER = new Map(MAGIC_NUMBERS.map((magic) => [magic.number, magic]));

/** Returns the behavior of a magic number, or `undefined` for any other number. */
export function findMagicNumber(number: string): MagicNumber | undefined {
  return BY_NUMBER.get(number);
}
