import { isMethod, type Method } from '../common/methods.js';

/** Number of the record's format. A record with another number can't be read: it may be from a newer or older release. */
const SCHEMA = 1;

/** Cost of the hashes of a set, as scrypt takes it. */
export interface HashCost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** A set of recovery codes: hashes only. */
export interface RecoveryCodeSet {
  /** Base64url; one per set. */
  readonly salt: string;
  readonly cost: HashCost;
  /** Hashes of the unused codes, in base64url. */
  readonly hashes: readonly string[];
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

/** A browser that isn't asked for a code. Its cookie holds the ID and the secret. */
export interface DeviceRecord {
  /** Base64url, 128 bits. */
  readonly id: string;
  /** SHA-256 of the secret, base64url. */
  readonly hash: string;
  /** Epoch milliseconds, as all times here. */
  readonly createdAt: number;
  readonly lastUsedAt: number;
  readonly expiresAt: number;
  /** Name of the browser; missing if its user agent names none. */
  readonly browser?: string;
  /** Name of the operating system; missing if its user agent names none. */
  readonly system?: string;
  /** Digest of the address that the device was earned with. */
  readonly factor: string;
  /** Digest of the option `securityStamp` at that time; missing if it was `undefined`. */
  readonly stamp?: string;
}

/** Everything that is stored about one user's factors. No key contains `.` or `$`, which some databases refuse. */
export interface FactorRecord {
  readonly schema: typeof SCHEMA;
  /** The codes that can be used; missing if the user never confirmed a set. */
  readonly recoveryCodes?: RecoveryCodeSet | undefined;
  /** A set that was shown. It replaces `recoveryCodes` when the user types one of its codes. */
  readonly shownCodes?: RecoveryCodeSet | undefined;
  /** The remembered devices; the newest last. */
  readonly devices?: readonly DeviceRecord[] | undefined;
  /** The method that the user prefers. */
  readonly preferredMethod?: Method | undefined;
}

/** Record of a user without factors. */
export const EMPTY_RECORD: FactorRecord = { schema: SCHEMA };

/**
 * Reads a record.
 *
 * @throws Error that says what is wrong, without the record's content. An unreadable record isn't an empty one, which would
 * let someone register a phone number for a user who has recovery codes.
 */
export function readFactorRecord(record: unknown): FactorRecord {
  if (!isObject(record)) throw new Error('load() returned a "record" that is not an object');
  if (record.schema !== SCHEMA) throw new Error(`load() returned a record with another schema number than ${SCHEMA}`);
  for (const name of ['recoveryCodes', 'shownCodes'] as const) {
    if (record[name] !== undefined && !isCodeSet(record[name])) {
      throw new Error(`load() returned a record with an invalid "${name}"`);
    }
  }
  const { devices, preferredMethod } = record;
  if (devices !== undefined && !(Array.isArray(devices) && devices.every(isDevice))) {
    throw new Error('load() returned a record with invalid "devices"');
  }
  if (preferredMethod !== undefined && !isMethod(preferredMethod)) {
    throw new Error('load() returned a record with an invalid "preferredMethod"');
  }
  return record as unknown as FactorRecord;
}

function isDevice(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { id, hash, createdAt, lastUsedAt, expiresAt, browser, system, factor, stamp } = value;
  return (
    [id, hash, factor].every(isHash) &&
    [createdAt, lastUsedAt, expiresAt].every(Number.isFinite) &&
    [browser, system, stamp].every((text) => text === undefined || typeof text === 'string')
  );
}

function isCodeSet(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { salt, cost, hashes, createdAt } = value;
  return (
    isHash(salt) &&
    isCost(cost) &&
    Array.isArray(hashes) &&
    hashes.every(isHash) &&
    typeof createdAt === 'number' &&
    Number.isFinite(createdAt)
  );
}

function isHash(value: unknown): boolean {
  return typeof value === 'string' && /^[\w-]{16,128}$/.test(value);
}

/** Bounds what a damaged record can make scrypt cost: 64 MB at most. */
function isCost(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { N, r, p } = value;
  return isPowerOfTwo(N) && isCount(r, 16) && isCount(p, 4) && 128 * Number(N) * Number(r) <= 64 * 1024 * 1024;
}

function isPowerOfTwo(value: unknown): boolean {
  return typeof value === 'number' && value >= 2 && Number.isInteger(Math.log2(value));
}

function isCount(value: unknown, max: number): boolean {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= max;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
