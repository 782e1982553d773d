/**
 * Returns the milliseconds since Twilio created a verification; `undefined` if the answer does not say. Both times are
 * Twilio's, because our clock can differ from Twilio's by more than the life of a code.
 *
 * @param dateCreated - `date_created` of the verification, as the SDK parses it.
 * @param date - The header `Date` of the answer.
 */
export function ageMsOf(dateCreated: unknown, date: unknown): number | undefined {
  if (!(dateCreated instanceof Date) || typeof date !== 'string') return undefined;
  const ageMs = Date.parse(date) - dateCreated.getTime();
  return Number.isNaN(ageMs) ? undefined : Math.max(0, ageMs);
}
