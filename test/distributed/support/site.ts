import { after } from 'node:test';
import { startVerifyEmulator, type VerifyEmulator, type VerifyEmulatorOptions } from 'passport-twilio-verify/emulator';
import { Client } from '../../support/client.js';
import { type AppOptions, type AppProcess, startApp } from './app-process.js';
import { type RedisServer, startRedis } from './redis-server.js';

/** Two processes of an application, the Redis they share, and the emulator of Twilio. */
export interface Site {
  readonly one: AppProcess;
  readonly other: AppProcess;
  readonly redis: RedisServer;
  readonly emulator: VerifyEmulator;
  /** One more process, or one again on its port; ended with the site. */
  start(port?: number): Promise<AppProcess>;
}

const ends: (() => Promise<unknown>)[] = [];

// Of the whole file: what is started in a hook must outlive that hook.
after(async () => {
  await Promise.all(ends.map((end) => end()));
});

/** Starts it all on free ports of this machine; it ends with the test file. */
export async function startSite(
  file: string,
  options: { readonly emulator?: VerifyEmulatorOptions; readonly env?: AppOptions['env'] } = {},
): Promise<Site> {
  const emulator = await startVerifyEmulator(options.emulator);
  ends.push(() => emulator.stop());
  const redis = await startRedis();
  ends.push(() => redis.stop());
  const start = async (port?: number) => {
    const app = await startApp(file, {
      emulator,
      redisUrl: redis.url,
      ...(port === undefined ? {} : { port }),
      ...(options.env ? { env: options.env } : {}),
    });
    ends.push(() => app.kill());
    return app;
  };
  const [one, other] = await Promise.all([start(), start()]);
  return { one, other, redis, emulator, start };
}

/** The same browser as the next request finds it: at another process. */
export function at({ url }: AppProcess, browser: Client): Client {
  const moved = new Client(url);
  for (const [name, value] of browser.cookies) moved.cookies.set(name, value);
  return moved;
}

/** How many codes Twilio was asked to check. */
export function checks({ emulator }: Site): number {
  return emulator.requests().filter(({ path }) => path.endsWith('/VerificationCheck')).length;
}
