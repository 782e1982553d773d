import type { SessionData, Store } from 'express-session';

type StoredSessions = { readonly [id: string]: SessionData } | readonly (SessionData & { readonly id: string })[];

/**
 * Ends all sessions of a user but one. The stores of `express-session` and `connect-redis` list sessions in two forms.
 */
export async function endOtherSessions(store: Store, userId: string, keptId: string): Promise<void> {
  const sessions = await new Promise<StoredSessions>((resolve, reject) => {
    if (!store.all) throw new Error('This session store cannot list sessions.');
    store.all((error, all) => (error ? reject(error) : resolve((all ?? {}) as StoredSessions)));
  });
  const entries: [string, SessionData][] = Array.isArray(sessions)
    ? sessions.map((session) => [session.id, session])
    : Object.entries(sessions as Record<string, SessionData>);
  const others = entries.filter(([id, session]) => id !== keptId && userOf(session) === userId);
  await Promise.all(others.map(([id]) => destroy(store, id)));
}

function userOf(session: SessionData): unknown {
  return (session as { readonly passport?: { readonly user?: unknown } }).passport?.user;
}

function destroy(store: Store, id: string): Promise<void> {
  return new Promise((resolve, reject) => {
    store.destroy(id, (error) => (error ? reject(error) : resolve()));
  });
}
