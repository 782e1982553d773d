import { existsSync } from 'node:fs';
import type { Server } from 'node:http';
import path from 'node:path';
import type { SecurityNoticeEvent } from 'passport-twilio-verify';
import { startVerifyEmulator } from 'passport-twilio-verify/emulator';
import { createExample, type Example, showNotFound } from './app.js';
import { sharedInRedis } from './redis.js';
import type { User } from './users.js';

const HOST = '127.0.0.1';

async function main(): Promise<void> {
  const file = path.join(__dirname, '..', '.env');
  if (existsSync(file)) process.loadEnvFile(file);
  const port = portFrom('PORT', 3000);
  const { REDIS_URL, ALICE_PHONE_NUMBER, TWILIO_ACCOUNT_SID } = process.env;
  const emulatorUrl = TWILIO_ACCOUNT_SID ? undefined : await startEmulator();
  const shared = REDIS_URL ? await sharedInRedis(REDIS_URL) : undefined;

  const example = createExample({ alicePhoneNumber: ALICE_PHONE_NUMBER, inboxUrl: emulatorUrl, ...shared?.options });
  const server = await listen(port, example);
  console.log(`Example:  http://${HOST}:${port}/  (alice/alice has a phone number, bob/bob registers one)`);
  console.log(
    emulatorUrl
      ? `Phone:    ${emulatorUrl}/  (the codes; set TWILIO_ACCOUNT_SID to use Twilio instead)`
      : 'Codes come from Twilio.',
  );
  const { problems } = await example.twoFactor.checkConfiguration();
  for (const { code, message } of problems) console.warn(`${code}: ${message}`);

  example.twoFactor.on('securityNotice', printMail);

  // Requests in progress get their answers: a rolling restart loses none.
  process.once('SIGTERM', () => {
    server.close(() => {
      shared?.close();
      process.exit(0);
    });
    server.closeIdleConnections();
  });
}

/** Starts the emulator, and makes it what the strategy's defaults point to. */
async function startEmulator(): Promise<string> {
  const port = portFrom('EMULATOR_PORT', 4010);
  const emulator = await startVerifyEmulator({ host: HOST, port, serviceName: 'Example' }).catch((error) => {
    throw listenError('EMULATOR_PORT', port, error);
  });
  process.env.TWILIO_ACCOUNT_SID = emulator.accountSid;
  process.env.TWILIO_AUTH_TOKEN = emulator.authToken;
  process.env.TWILIO_VERIFY_SERVICE_SID = emulator.serviceSid;
  process.env.TWILIO_VERIFY_BASE_URL = emulator.url;
  // A proxy of the network can't reach this machine's emulator.
  const noProxy = process.env.no_proxy === undefined ? 'NO_PROXY' : 'no_proxy';
  process.env[noProxy] = [process.env[noProxy], HOST].filter(Boolean).join(',');
  return emulator.url;
}

/** Prints a notice as the mail that an app would send. */
function printMail({ user, subject, text }: SecurityNoticeEvent<User>): void {
  console.log(`\nTo: ${user.username}@example.com\nSubject: ${subject}\n\n${text}\n`);
}

function listen(port: number, { app }: Example): Promise<Server> {
  app.use(showNotFound);
  return new Promise((resolve, reject) => {
    const server = app.listen(port, HOST);
    server.once('listening', () => resolve(server));
    server.once('error', (error) => reject(listenError('PORT', port, error)));
  });
}

function portFrom(variable: string, fallback: number): number {
  const port = Number(process.env[variable] ?? fallback);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`${variable} must be a port, 0 to 65535.`);
  return port;
}

function listenError(variable: string, port: number, error: unknown): Error {
  const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE' || /in use/i.test(String(error));
  const message = isTaken ? `Port ${port} is taken. Set ${variable} to another one.` : `Cannot listen on port ${port}.`;
  return new Error(message, { cause: error });
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exit(1);
});
