import type { Answer, Connection } from './connection.js';

let users = 0;

/** A user who has not been there yet: the limits are those of one person. */
export function newUser(): string {
  users += 1;
  return `u${users}`;
}

/** The first step. Gives the session's cookie. */
export async function logIn(connection: Connection, user = newUser()): Promise<string> {
  return cookieOf(expect(await connection.post('/login', `username=${user}`), 303));
}

/** From the start page to the code page. */
export async function haveCodeSent(connection: Connection, cookie: string): Promise<void> {
  expect(await connection.get('/2fa', cookie), 200);
  expect(await connection.post('/2fa', 'method=sms', cookie), 303, '/2fa/verify');
  expect(await connection.get('/2fa/verify', cookie), 200);
}

/** The code, which is always right. Gives the cookie of the session that has passed. */
export async function typeCode(connection: Connection, cookie: string, next = '/2fa/success'): Promise<string> {
  const answer = expect(await connection.post('/2fa/verify', 'code=482913', cookie), 303, next);
  return answer.cookie ?? cookie;
}

/** A whole sign-in. Gives the cookie of the session that has passed. */
export async function signIn(connection: Connection): Promise<string> {
  const cookie = await logIn(connection);
  await haveCodeSent(connection, cookie);
  return typeCode(connection, cookie);
}

/** A benchmark that measures errors measures nothing. */
export function expect(answer: Answer, status: number, location?: string): Answer {
  if (answer.status !== status || (location !== undefined && answer.location !== location)) {
    throw new Error(`Expected ${status} ${location ?? ''}, and got ${answer.status} ${answer.location ?? ''}`);
  }
  return answer;
}

function cookieOf({ cookie }: Answer): string {
  if (cookie === undefined) throw new Error('no cookie');
  return cookie;
}
