import type { Answer } from '../../support/client.js';

/** The document that an answer holds. */
export function jsonOf(answer: Answer): Record<string, unknown> {
  return JSON.parse(answer.text) as Record<string, unknown>;
}
