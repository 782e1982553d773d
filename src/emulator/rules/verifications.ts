import { attemptChannel, type EmulatorChannel } from './channels.js';
import { createSid } from './sids.js';

/** The statuses that a verification of the emulator takes while it is kept. */
export type VerificationStatus = 'pending' | 'approved' | 'canceled' | 'max_attempts_reached' | 'deleted';

/** One send of a code. */
export interface SendAttempt {
  readonly timeMs: number;
  readonly channel: string;
  readonly sid: string;
}

/** A verification: one code on its way to one address. */
export interface Verification {
  readonly sid: string;
  readonly serviceSid: string;
  readonly to: string;
  readonly code: string;
  readonly createdAtMs: number;
  readonly amount: string | null;
  readonly payee: string | null;
  /** Of the last send. */
  channel: EmulatorChannel;
  status: VerificationStatus;
  updatedAtMs: number;
  wrongChecks: number;
  readonly sends: SendAttempt[];
}

/** The verifications that have neither been approved nor expired. */
export interface VerificationStore {
  add(verification: Verification): void;
  bySid(sid: string, nowMs: number): Verification | undefined;
  /** The one that a create or a check for this address means. */
  byAddress(serviceSid: string, to: string, nowMs: number): Verification | undefined;
  /** Forgets it by its address: the next create starts afresh. It can still be fetched by its SID. */
  release(verification: Verification): void;
  /** Forgets it altogether. */
  remove(verification: Verification): void;
  /** Drops what has expired. */
  sweep(nowMs: number): void;
  clear(): void;
  readonly size: number;
}

/** How often a create drops expired verifications, in milliseconds. */
const SWEEP_EVERY_MS = 1_000;

/**
 * Makes an empty store.
 *
 * @param ttlMs life of a verification.
 * @param capacity verifications kept at once; beyond it the oldest go, a hundredth at a time.
 */
export function createVerificationStore(ttlMs: number, capacity: number): VerificationStore {
  // All live equally long and a Map keeps its order, so what expires next is always in front and a sweep is cheap.
  const bySid = new Map<string, Verification>();
  const byService = new Map<string, Map<string, Verification>>();
  let sweptAtMs = 0;
  const isLive = (verification: Verification, nowMs: number) => nowMs < verification.createdAtMs + ttlMs;

  const release = ({ serviceSid, to, sid }: Verification) => {
    const byAddress = byService.get(serviceSid);
    if (byAddress?.get(to)?.sid !== sid) return;
    byAddress.delete(to);
    if (byAddress.size === 0) byService.delete(serviceSid);
  };
  const remove = (verification: Verification) => {
    bySid.delete(verification.sid);
    release(verification);
  };
  const live = (verification: Verification | undefined, nowMs: number) => {
    if (verification === undefined || isLive(verification, nowMs)) return verification;
    remove(verification);
    return undefined;
  };
  const sweep = (nowMs: number) => {
    sweptAtMs = nowMs;
    const target = bySid.size > capacity ? Math.floor(capacity * 0.99) : capacity;
    for (const verification of bySid.values()) {
      if (isLive(verification, nowMs) && bySid.size <= target) return;
      remove(verification);
    }
  };

  return {
    release,
    remove,
    sweep,
    add(verification) {
      const { sid, serviceSid, to, createdAtMs } = verification;
      bySid.set(sid, verification);
      const byAddress = byService.get(serviceSid) ?? new Map<string, Verification>();
      byService.set(serviceSid, byAddress.set(to, verification));
      if (bySid.size > capacity || Math.abs(createdAtMs - sweptAtMs) >= SWEEP_EVERY_MS) sweep(createdAtMs);
    },
    bySid: (sid, nowMs) => live(bySid.get(sid), nowMs),
    byAddress: (serviceSid, to, nowMs) => live(byService.get(serviceSid)?.get(to), nowMs),
    clear() {
      bySid.clear();
      byService.clear();
    },
    get size() {
      return bySid.size;
    },
  };
}

/** Notes one more send of the code. */
export function addSend(verification: Verification, channel: EmulatorChannel, nowMs: number): void {
  verification.channel = channel;
  verification.updatedAtMs = nowMs;
  verification.sends.push({ timeMs: nowMs, channel: attemptChannel(channel), sid: createSid('VL') });
}
