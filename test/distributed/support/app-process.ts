import type { VerifyEmulator } from 'passport-twilio-verify/emulator';
import { Client } from '../../support/client.js';
import { type Child, startChild } from './child.js';
import { freePort } from './free-port.js';

/** One process of an application. */
export interface AppProcess extends Child {
  readonly port: number;
  readonly url: string;
  client(): Client;
}

/** The example as `npm start` runs it. */
export const EXAMPLE = 'example/server.ts';
/** The same in small, with fifty users: see there. */
export const FIFTY_USERS = 'test/distributed/support/fifty-users.ts';

/** The settings that a process starts with. */
export interface AppOptions {
  readonly emulator: VerifyEmulator;
  readonly redisUrl: string;
  /** @default a free one */
  readonly port?: number;
  readonly env?: NodeJS.ProcessEnv;
}

/** Starts a process of an application and waits until it listens. */
export async function startApp(file: string, { emulator, redisUrl, port, env }: AppOptions): Promise<AppProcess> {
  const own = port ?? (await freePort());
  const url = `http://127.0.0.1:${own}`;
  const child = await startChild(process.execPath, ['--import', 'tsx', file], new RegExp(`${url}/`), {
    NODE_ENV: '',
    NODE_TEST_CONTEXT: undefined,
    PORT: String(own),
    REDIS_URL: redisUrl,
    TWILIO_ACCOUNT_SID: emulator.accountSid,
    TWILIO_AUTH_TOKEN: emulator.authToken,
    TWILIO_VERIFY_SERVICE_SID: emulator.serviceSid,
    TWILIO_VERIFY_BASE_URL: emulator.url,
    ...env,
  });
  return { ...child, port: own, url, client: () => new Client(url) };
}
