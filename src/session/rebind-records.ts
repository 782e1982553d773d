import { entriesOf, type Session } from './session-access.js';
import type { SessionRecord } from './session-record.js';

/** Binds all records that were bound to a session ID to the ID that replaces it. Takes digests of both. */
export function rebindRecords(session: Session, before: string, after: string): void {
  const rebound = (binding: unknown) =>
    typeof binding === 'string' && binding.endsWith(`.${before}`) ? binding.replace(before, after) : undefined;
  for (const [name, value] of entriesOf(session)) {
    const record = value as SessionRecord | null | undefined;
    const binding = rebound(record?.verified?.binding);
    const skipped = rebound(record?.skipped);
    if (record?.verified && binding) session[name] = { ...record, verified: { ...record.verified, binding } };
    else if (skipped) session[name] = { ...record, skipped };
  }
}
