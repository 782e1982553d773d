import type { Answer, Connection } from './connection.js';

let users = 0;

/** Returns a user without any previous sign-in, as the package limits each user. */
export function newUser(): string {
  users += 1;
  return `u${users}`;
}

/** Signs in at the app's own login route, and returns the session cookie. */
export async function logIn(connection: Connection, user = newUser()): Promise<string> {
  return cookieOf(expect(await connection.post('/login', `username=${user}`), 303));
}

/** Opens the start page, has a code sent, and opens the code page. */
export async function haveCodeSent(connection: Connection, cookie: string): Promise<void> {
  expect(await connection.get('/2fa', cookie), 200);
  expect(await connection.post('/2fa', 'method=sms', cookie), 303, '/2fa/verify');
  expect(await connection.get('/2fa/verify', cookie), 200);
}

/** Submits a code, which the stub always approves, and returns the cookie of the verified session. */
export async function typeCode(connection: Connection, cookie: string, next = '/2fa/success'): Promise<string> {
  const answer = expect(await connection.post('/2fa/verify', 'code=482913', cookie), 303, next);
  return answer.cookie ?? cookie;
}

/** Does a whole sign-in, and returns the cookie of the verified session. */
export async function signIn(connection: Connection): Promise<string> {
  const cookie = await logIn(connection);
  await haveCodeSent(connection, cookie);
  return typeCode(connection, cookie);
}

/** Throws unless the answer is the expected one: rates of error pages mean nothing. */
export function expect(answer: Answer, status: number, location?: string): Answer {
  if (answer.status !== status || (location !== undefined && answer.location !== location)) {
    throw new Error(`Expected ${status} ${location ?? ''}, got ${answer.status} ${answer.location ?? ''}`);
  }
  return answer;
}

function cookieOf({ cookie }: Answer): string {
  if (cookie === undefined) throw new Error('The answer sets no cookie.');
  return cookie;
}
