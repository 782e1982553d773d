#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeNotEmulated } from './api/api-error.js';
import { HELP, parseCommandLine } from './command-line.js';
import {
  describeFailure,
  describeMessage,
  describeMessageAsJson,
  describeStart,
  warnOfHost,
} from './command-output.js';
import { startVerifyEmulator } from './index.js';
import { DEFAULTS, type VerifyEmulatorOptions } from './options.js';

const EXIT = { failed: 1, misused: 2 } as const;

function main(args: readonly string[]): void {
  const command = parseCommandLine(args);
  switch (command.kind) {
    case 'help':
      process.stdout.write(HELP);
      return;
    case 'version':
      process.stdout.write(`${readVersion()}\n`);
      return;
    case 'wrong':
      process.stderr.write(`twilio-verify-emulator: ${command.problem} (see --help)\n`);
      process.exitCode = EXIT.misused;
      return;
    case 'start':
      void start(command.options, command.logsJson);
  }
}

/** Reads the version of the package. From `src` and from `dist` alike, its `package.json` is two folders up. */
function readVersion(): string {
  const { version }: { version: string } = JSON.parse(readFileSync(join(__dirname, '../../package.json'), 'utf8'));
  return version;
}

async function start(options: VerifyEmulatorOptions, logsJson: boolean): Promise<void> {
  const { host = DEFAULTS.host, port = DEFAULTS.port } = options;
  // A reader that closes the pipe (`| head`) ends the command too.
  process.stdout.on('error', () => process.exit());
  try {
    const emulator = await startVerifyEmulator({
      ...options,
      onMessage: (message) =>
        process.stdout.write(logsJson ? describeMessageAsJson(message) : describeMessage(message)),
      onNotEmulated: (operation) => process.stderr.write(`twilio-verify-emulator: ${describeNotEmulated(operation)}\n`),
    });
    process.stderr.write(warnOfHost(host) ?? '');
    process.stdout.write(describeStart(emulator));
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(0));
  } catch (error) {
    process.stderr.write(`twilio-verify-emulator: ${describeFailure(error, host, port)}`);
    process.exitCode = EXIT.failed;
  }
}

main(process.argv.slice(2));
