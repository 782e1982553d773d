import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { HashCost, RecoveryCodeSet } from '../../store/factor-record.js';

/** Crockford's base32: no `I`, `L`, `O`, or `U`, which people confuse with other characters or read as words. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** 80 bits, in characters of 5 bits. */
const CODE_LENGTH = 16;
const GROUP_LENGTH = 4;

/** Codes of 80 random bits need no slow hash. This cost makes a stolen record useless also for a bad random source. */
const COST: HashCost = { N: 2 ** 12, r: 8, p: 1 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;

const deriveKey = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);

/** A new set: the codes to show once, and the hashes to store. */
export interface NewRecoveryCodes {
  /** In four groups, such as `7Q2M-XK9D-0B4T-VWHE`. */
  readonly codes: readonly string[];
  readonly set: RecoveryCodeSet;
}

/** Makes a set of random codes. */
export async function createRecoveryCodes(count: number, createdAt: number): Promise<NewRecoveryCodes> {
  const plain = new Set<string>();
  while (plain.size < count) plain.add(randomCode());
  const salt = randomBytes(SALT_BYTES);
  const hashes: string[] = [];
  // One after the other: in parallel, they would take all threads that other requests hash and read files with.
  for (const code of plain) hashes.push((await hashOf(code, salt, COST)).toString('base64url'));
  return {
    codes: [...plain].map(inGroups),
    set: { salt: salt.toString('base64url'), cost: COST, hashes, createdAt },
  };
}

/**
 * Reads a code as people type it: in any case, with or without separators, with `O` for zero, and `I` or `L` for one.
 *
 * @returns The code without separators; `undefined` if it can't be a code
 */
export function readRecoveryCode(typed: string): string | undefined {
  const code = typed
    .normalize('NFKC')
    .replace(/[\s\p{Pd}\p{Cf}._·,;:]/gu, '')
    .toUpperCase()
    .replaceAll('O', '0')
    .replace(/[ILİ]/g, '1');
  const isCode = code.length === CODE_LENGTH && [...code].every((character) => ALPHABET.includes(character));
  return isCode ? code : undefined;
}

/**
 * Finds a code in a set.
 *
 * @param code - As {@link readRecoveryCode} returns it.
 * @returns The index of its hash; `undefined` if the set doesn't contain it
 */
export async function findRecoveryCode(
  { salt, cost, hashes }: RecoveryCodeSet,
  code: string,
): Promise<number | undefined> {
  const hash = await hashOf(code, Buffer.from(salt, 'base64url'), cost);
  let found: number | undefined;
  // Compares with each, so that the time doesn't show which one it was.
  for (const [index, stored] of hashes.entries()) {
    const other = Buffer.from(stored, 'base64url');
    if (other.length === hash.length && timingSafeEqual(other, hash)) found = index;
  }
  return found;
}

/** A set without one of its codes. */
export function withoutCode(set: RecoveryCodeSet, index: number): RecoveryCodeSet {
  return { ...set, hashes: set.hashes.toSpliced(index, 1) };
}

function randomCode(): string {
  // 256 is a multiple of 32, so every character is equally likely.
  return Array.from(randomBytes(CODE_LENGTH), (byte) => ALPHABET[byte % ALPHABET.length]).join('');
}

function inGroups(code: string): string {
  return code.match(new RegExp(`.{${GROUP_LENGTH}}`, 'g'))?.join('-') ?? code;
}

function hashOf(code: string, salt: Buffer, { N, r, p }: HashCost): Promise<Buffer> {
  // Node's limit is 32 MB by default, and too low for costs of a later release.
  return deriveKey(code, salt, HASH_BYTES, { N, r, p, maxmem: 256 * r * (N + p + 2) });
}
