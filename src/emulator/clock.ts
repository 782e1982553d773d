/** The emulator's time. Codes, limits and dates follow it, so a test moves it instead of sleeping. */
export interface EmulatorClock {
  /** The emulator's present time, in milliseconds since 1970. */
  now(): number;
  /** Moves the emulator's time forward by `ms` milliseconds; what expires on the way is dropped. */
  advance(ms: number): void;
  /** Puts the emulator's time at `epochMs`; from there it goes on with its base. */
  set(epochMs: number): void;
}

/** A clock that runs with `base` and can be moved; `onMove` is called after each move. */
export function createClock(base: () => number, onMove: () => void): EmulatorClock & { reset(): void } {
  let offsetMs = 0;
  return {
    now: () => base() + offsetMs,
    advance(ms) {
      if (!Number.isFinite(ms) || ms < 0) {
        throw new TypeError('clock.advance: give a number of milliseconds that is not negative');
      }
      offsetMs += ms;
      onMove();
    },
    set(epochMs) {
      if (!Number.isFinite(epochMs)) throw new TypeError('clock.set: give a time in milliseconds since 1970');
      offsetMs = epochMs - base();
      onMove();
    },
    reset() {
      offsetMs = 0;
    },
  };
}
