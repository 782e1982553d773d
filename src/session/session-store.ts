import type { Request } from 'express';
import { type Session, saveSession, sessionIdOf, sessionOf, storeFailed } from './session-access.js';

type Found = (error: unknown, stored?: unknown) => void;

/** The parts of the session store that we use. express-session and `@fastify/session` put it on each request. */
export interface SessionStore {
  get(id: string, found: Found): void;
  /** Only express-session has it: sets `req.session`. */
  createSession?(req: Request, stored: unknown): unknown;
}

/** The session store; `undefined` if the session is kept in a cookie. */
export function sessionStoreOf(req: Request): SessionStore | undefined {
  const { sessionStore } = req as { sessionStore?: Partial<SessionStore> | null };
  return typeof sessionStore?.get === 'function' ? (sessionStore as SessionStore) : undefined;
}

/**
 * Reads a session from the store; `undefined` if it doesn't exist.
 *
 * @throws TwilioVerifyError `ERR_TWILIO_VERIFY_SESSION_STORE` (status 503) if the store fails
 */
export function readSession(store: SessionStore, id: string): Promise<object | undefined> {
  return new Promise((resolve, reject) => {
    store.get(id, (cause, stored) => {
      // Some stores report a missing session this way, as express-session's documentation allows.
      const isMissing = (cause as { code?: unknown } | null | undefined)?.code === 'ENOENT';
      if (cause && !isMissing) reject(storeFailed('get', cause));
      else resolve(typeof stored === 'object' && stored !== null ? stored : undefined);
    });
  });
}

/** The length of a random ID. An app can generate shorter ones. */
const MIN_UNIQUE_LENGTH = 16;

/**
 * Whether the session was read from the store: its ID came with the request. One that this request created has a new
 * ID.
 */
export function isFromStore(req: Request, id: string): boolean {
  const cookies = req.headers.cookie;
  if (cookies === undefined) return false;
  // No other text contains a long ID. Its prefix can be any text: `cookiePrefix` of @fastify/session.
  const has = id.length >= MIN_UNIQUE_LENGTH ? (text: string, part: string) => text.includes(part) : hasWhole;
  // A client can encode any character.
  return has(cookies, id) || has(withoutEncoding(cookies), id) || has(cookies, encodeURIComponent(id));
}

function withoutEncoding(cookies: string): string {
  return cookies.replace(/%[0-7][0-9a-f]/gi, decodeURIComponent);
}

/** Whether the text contains this ID, and not just a longer one. Cookies add a prefix and a signature to it. */
function hasWhole(text: string, id: string): boolean {
  for (let at = text.indexOf(id); at >= 0; at = text.indexOf(id, at + 1)) {
    if (!isIdCharacter(text[at - 1]) && !isIdCharacter(text[at + id.length])) return true;
  }
  return false;
}

function isIdCharacter(character: string | undefined): boolean {
  return character !== undefined && /[\w-]/.test(character);
}

/**
 * Switches this request to a session that another request created. Returns `false`, and changes nothing, if that session
 * has ended or the framework can't do it.
 *
 * @param signedId - The ID with its signature, which only `@fastify/session` exposes.
 */
export async function adoptSession(req: Request, id: string, signedId: string | undefined): Promise<boolean> {
  const store = sessionStoreOf(req);
  const stored = store && (await readSession(store, id));
  if (!store || !stored) return false;
  const fastify = (req as { server?: { decryptSession?: DecryptSession } }).server;
  if (store.createSession) {
    (req as { sessionID?: string }).sessionID = id;
    store.createSession(req, stored);
  } else if (fastify?.decryptSession && signedId !== undefined) {
    await settledRead((found) => fastify.decryptSession?.(signedId, req, found));
    // `@fastify/session` sets the cookie of a changed ID only if the session was saved.
    await saveSession(req);
  }
  return sessionIdOf(sessionOf(req), req) === id;
}

/** Takes the session off the request, so that the response neither saves it nor sets its cookie. */
export function detachSession(req: Request): void {
  (req as unknown as { session: Session | null }).session = null;
}

type DecryptSession = (signedId: string, req: Request, found: (error?: unknown) => void) => void;

function settledRead(run: (found: (error?: unknown) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    run((cause) => (cause ? reject(storeFailed('get', cause)) : resolve()));
  });
}
