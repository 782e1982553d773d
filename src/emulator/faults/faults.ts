import { API_ERRORS, apiErrorBody } from '../api/api-error.js';
import type { EmulatorCall } from '../api/call-kinds.js';
import { checkFault, type EmulatorFault } from './fault.js';

/** A fault that was added. */
export interface EmulatorFaultHandle {
  /** Calls that the fault has met. */
  readonly hits: number;
  /** Ends the fault early. */
  cancel(): void;
}

/** The properties of a call that faults are matched by. */
export interface FaultTarget {
  readonly kind: EmulatorCall;
  readonly to: string | undefined;
  readonly channel: string | undefined;
}

/** The effect of a fault on a call. */
export interface FaultEffect {
  readonly delayMs: number;
  readonly drop: boolean;
  readonly takesEffect: boolean;
  /** The answer that replaces the real one, or `undefined` to keep it. */
  readonly answer: { readonly status: number; readonly body: string; readonly code: number | null } | undefined;
}

/** The faults that have calls left to meet. */
export interface FaultStore {
  add(fault: EmulatorFault): EmulatorFaultHandle;
  /** Returns the effect of the first fault that meets the call, and counts the call. */
  take(target: FaultTarget): FaultEffect | undefined;
  clear(): void;
}

interface Entry {
  readonly fault: EmulatorFault;
  readonly effect: FaultEffect;
  left: number;
  hits: number;
}

/** Faults that can wait at once. */
const MAX_FAULTS = 1_000;

/** Makes an empty store. */
export function createFaultStore(): FaultStore {
  const entries = new Set<Entry>();
  return {
    add(fault) {
      checkFault(fault);
      if (entries.size >= MAX_FAULTS) throw new TypeError(`fail: ${MAX_FAULTS} faults are waiting already`);
      const entry: Entry = { fault, effect: effectOf(fault), left: fault.times ?? 1, hits: 0 };
      entries.add(entry);
      return {
        get hits() {
          return entry.hits;
        },
        cancel: () => void entries.delete(entry),
      };
    },
    take(target) {
      for (const entry of entries) {
        if (!meets(entry.fault, target)) continue;
        entry.hits += 1;
        entry.left -= 1;
        if (entry.left <= 0) entries.delete(entry);
        return entry.effect;
      }
      return undefined;
    },
    clear: () => entries.clear(),
  };
}

function meets({ call = 'any', to, channel }: EmulatorFault, target: FaultTarget): boolean {
  if (call !== 'any' && call !== target.kind) return false;
  return (to === undefined || to === target.to) && (channel === undefined || channel === target.channel);
}

function effectOf({ status, code, message, body, delayMs = 0, drop = false, takesEffect = false }: EmulatorFault) {
  const known = Object.entries(API_ERRORS).find(([knownCode]) => Number(knownCode) === code)?.[1];
  const httpStatus = status ?? known?.status ?? 500;
  const hasAnswer = status !== undefined || code !== undefined || body !== undefined;
  const text = message ?? known?.message ?? 'Emulated fault';
  const answer = {
    status: httpStatus,
    code: body === undefined ? (code ?? 20_000 + httpStatus) : (code ?? null),
    body: body ?? JSON.stringify(apiErrorBody(code ?? 20_000 + httpStatus, httpStatus, text)),
  };
  return { delayMs, drop, takesEffect, answer: hasAnswer ? answer : undefined };
}
