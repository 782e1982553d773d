import { setTimeout } from 'node:timers/promises';

/** Generous: it is only reached where something is wrong. */
const DEADLINE_MS = 60_000;

/** Tries until it works: for changes that cause no event. */
export async function eventually<T>(attempt: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await setTimeout(50);
    }
  }
}
