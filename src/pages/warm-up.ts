import { countries } from '../common/address.js';
import { createMemoryLimiter } from '../limits/limiter-store.js';
import { loadSdk } from '../twilio/client.js';
import { loadUndici } from '../twilio/connections.js';
import type { PageSettings } from './page-settings.js';
import type { Renderer } from './renderer.js';

/**
 * Loads what the first sign-in needs right after the application has started, when no one waits for it: about 150 ms in
 * all. It loads one piece at a time, so that a request that comes meanwhile waits for one piece only.
 */
export function warmUp<TUser>(settings: PageSettings<TUser>, renderer: Renderer): void {
  // Jest fails a run in which something is loaded after its last test.
  if (process.env.NODE_ENV === 'test') return;
  const pieces = [
    () => settings.texts.for('en').text('refusal.code_wrong', { attemptsLeft: 1 }),
    () => countries(),
    ...(settings.render ? [] : [() => renderer.prepare()]),
    ...(settings.createLimiter ? [] : [() => createMemoryLimiter({ keyPrefix: '', points: 1, duration: 0 })]),
    ...(settings.client ? [] : [loadUndici, loadSdk]),
  ];
  const next = () => {
    const piece = pieces.shift();
    if (!piece) return;
    // It does not keep a process running that has nothing else to do.
    setTimeout(() => {
      try {
        piece();
      } catch {
        // Ignore: the first real use reports the error.
      }
      next();
    }, 0).unref();
  };
  next();
}
