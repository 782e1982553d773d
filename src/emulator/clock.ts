/** The emulator's time. Codes, limits and dates follow it, so a test moves it instead of sleeping. */
export interface EmulatorClock {
  /** The emulator's present time, in milliseconds since 1970. */
  now(): number;
  /**
   * Moves the emulator's time forward by `ms` milliseconds and drops what has expired.
   *
   * @throws TypeError for anything but a number from 0.
   * @throws RangeError for a move past the year 9999. The time stays as it was.
   */
  advance(ms: number): void;
  /**
   * Sets the emulator's time to `epochMs`. From there it continues with its base.
   *
   * @throws TypeError for anything but a finite number.
   * @throws RangeError for a time outside the years 2000 to 9999. The time stays as it was.
   */
  set(epochMs: number): void;
}

/** First and last millisecond that the clock can be moved to. Later dates have no four-digit year, as Twilio's have. */
const RANGE_MS = { first: Date.UTC(2000, 0, 1), last: Date.UTC(10_000, 0, 1) - 1 } as const;

/** Makes a clock that runs with `base` and can be moved. It calls `onMove` after each move. */
export function createClock(base: () => number, onMove: () => void): EmulatorClock & { reset(): void } {
  let offsetMs = 0;
  // Checked before the move: a time that Date cannot write fails every later call.
  const moveTo = (name: string, epochMs: number, baseMs: number) => {
    if (epochMs < RANGE_MS.first || epochMs > RANGE_MS.last) {
      throw new RangeError(`clock.${name}: the emulator's time must stay in the years 2000 to 9999`);
    }
    offsetMs = epochMs - baseMs;
    onMove();
  };
  return {
    now: () => base() + offsetMs,
    advance(ms) {
      if (!Number.isFinite(ms) || ms < 0) {
        throw new TypeError('clock.advance: pass a number of milliseconds that is not negative');
      }
      const baseMs = base();
      moveTo('advance', baseMs + offsetMs + ms, baseMs);
    },
    set(epochMs) {
      if (!Number.isFinite(epochMs)) throw new TypeError('clock.set: pass a time in milliseconds since 1970');
      moveTo('set', epochMs, base());
    },
    reset() {
      offsetMs = 0;
    },
  };
}
