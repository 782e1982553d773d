import { afterEach, beforeEach, mock } from 'node:test';

/** Stops the clock for each test of a file; `pass` moves it for the application, its limits and the emulator alike. */
export function stopTheClock(now = Date.UTC(2026, 0, 15, 12)): void {
  beforeEach(() => mock.timers.enable({ apis: ['Date'], now }));
  afterEach(() => mock.timers.reset());
}

/** Advances the clock. */
export function pass(seconds: number): void {
  mock.timers.tick(seconds * 1000);
}
