import { countries } from '../common/address.js';
import { createMemoryLimiter } from '../limits/limiter-store.js';
import { loadSdk } from '../twilio/client.js';
import { loadUndici } from '../twilio/connections.js';
import type { PageSettings } from './page-settings.js';
import type { Renderer } from './renderer.js';

/**
 * Loads what the first sign-in needs right after the application has started, when nobody waits for it: some 150 ms in
 * all. One piece at a time, so that a request which comes meanwhile waits for one only.
 */
export function warmUp<TUser>(settings: PageSettings<TUser>, renderer: Renderer): void {
  // Jest fails a run in which something is loaded after its last test.
  if (process.env.NODE_ENV === 'test') return;
  const pieces = [
    () => settings.texts.for('en').duration(1),
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
        // Whoever needs it is told why.
      }
      next();
    }, 0).unref();
  };
  next();
}
