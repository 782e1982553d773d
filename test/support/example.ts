import type { AddressInfo } from 'node:net';
import express from 'express';
import helmet from 'helmet';
import { startVerifyEmulator, type VerifyEmulator, type VerifyEmulatorOptions } from 'passport-twilio-verify/emulator';
import { createExample, type Example, type ExampleOptions, showNotFound } from '../../example/app.js';

/** The settings of the example that a test can change. */
export interface RunningExampleOptions extends Pick<ExampleOptions, 'alicePhoneNumber' | 'inboxUrl' | 'twoFactor'> {
  readonly emulator?: VerifyEmulatorOptions;
}

/** The example, with a separate emulator, under a strict content security policy. */
export interface RunningExample {
  readonly url: string;
  readonly example: Example;
  readonly emulator: VerifyEmulator;
  /** The code that was sent last, to anyone. */
  lastCode(): string;
  /** Another code of the same length. */
  wrongCode(): string;
  stop(): Promise<void>;
}

/** Starts the example on a free port. */
export async function startExample(options: RunningExampleOptions = {}): Promise<RunningExample> {
  const emulator = await startVerifyEmulator({ now: () => Date.now(), ...options.emulator });
  const { accountSid, authToken, serviceSid, url: baseUrl } = emulator;
  const example = createExample({
    ...options,
    twoFactor: { accountSid, authToken, serviceSid, baseUrl, ...options.twoFactor },
  });
  const app = express();
  app.use(helmet());
  app.use((_req, res, next) => {
    // Both policies hold: helmet's own allows inline styles and images in the page, this one does not.
    res.append('Content-Security-Policy', "default-src 'self'");
    next();
  });
  app.use(example.app, showNotFound);
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const stop = async () => {
    server.closeAllConnections();
    server.close();
    await emulator.stop();
  };

  const lastCode = () => {
    const code = emulator.messages().at(-1)?.code;
    if (code === undefined) throw new Error('no code was sent');
    return code;
  };
  const wrongCode = () => lastCode().replace(/\d$/, (digit) => String((Number(digit) + 1) % 10));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    example,
    emulator,
    lastCode,
    wrongCode,
    stop,
  };
}
