import { existsSync } from 'node:fs';
import type { Server } from 'node:http';
import path from 'node:path';
import { startVerifyEmulator } from 'passport-twilio-verify/emulator';
import { createExample } from './app.js';

const HOST = '127.0.0.1';

async function main(): Promise<void> {
  const file = path.join(__dirname, '..', '.env');
  if (existsSync(file)) process.loadEnvFile(file);
  const port = portFrom('PORT', 3000);

  if (process.env.TWILIO_ACCOUNT_SID) {
    await listen(port);
    console.log(`Example:  http://${HOST}:${port}/  (codes come from Twilio)`);
    return;
  }
  const emulatorPort = portFrom('EMULATOR_PORT', 4010);
  const emulator = await startVerifyEmulator({ host: HOST, port: emulatorPort, serviceName: 'Example' }).catch(
    (error) => {
      throw new Error(portProblem('EMULATOR_PORT', emulatorPort, error));
    },
  );
  process.env.TWILIO_ACCOUNT_SID = emulator.accountSid;
  process.env.TWILIO_AUTH_TOKEN = emulator.authToken;
  process.env.TWILIO_VERIFY_SERVICE_SID = emulator.serviceSid;
  process.env.TWILIO_VERIFY_BASE_URL = emulator.url;
  await listen(port);
  console.log(`Example:  http://${HOST}:${port}/  (alice/alice has a phone number, bob/bob registers one)`);
  console.log(`Phone:    ${emulator.url}/  (the codes; set TWILIO_ACCOUNT_SID to use Twilio instead)`);
}

function listen(port: number): Promise<Server> {
  const { app } = createExample({ alicePhoneNumber: process.env.ALICE_PHONE_NUMBER });
  return new Promise((resolve, reject) => {
    const server = app.listen(port, HOST);
    server.once('listening', () => resolve(server));
    server.once('error', (error) => reject(new Error(portProblem('PORT', port, error))));
  });
}

function portFrom(variable: string, fallback: number): number {
  const port = Number(process.env[variable] ?? fallback);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`${variable} must be a port, 0 to 65535.`);
  return port;
}

function portProblem(variable: string, port: number, error: unknown): string {
  const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE' || /in use/i.test(String(error));
  return isTaken
    ? `Port ${port} is taken. Set ${variable} to another one.`
    : `Cannot listen on port ${port}: ${String(error)}`;
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exit(1);
});
