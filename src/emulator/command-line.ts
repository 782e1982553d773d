import { parseArgs } from 'node:util';
import { MAGIC_NUMBERS, MAGIC_PREFIX } from './faults/magic-numbers.js';
import { DEFAULTS, type VerifyEmulatorOptions } from './options.js';
import { resolveOptions } from './resolve-options.js';

/** The port of the command without `--port`. */
const DEFAULT_PORT = 4010;

/** A command line, parsed and checked. */
export type CommandLine =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'wrong'; readonly problem: string }
  | { readonly kind: 'start'; readonly options: VerifyEmulatorOptions; readonly logsJson: boolean };

/** Runs the command of this package only: npm may have another package by the name of the command. */
const RUN = 'npx -p passport-twilio-verify twilio-verify-emulator';

/** The text of `--help`. */
export const HELP = `Usage: ${RUN} [options]

A local Twilio Verify API that shows codes instead of sending them.

Options
  --port <number>          port to listen on, or 0 for any free port (${DEFAULT_PORT})
  --host <address>         address to listen on (${DEFAULTS.host}); on any other, other machines can read the codes
  --code-length <number>   digits of a code, 4 to 10 (${DEFAULTS.codeLength})
  --ttl-seconds <number>   seconds until a code expires (${DEFAULTS.ttlSeconds})
  --service-name <name>    friendly name of the service (${DEFAULTS.serviceName})
  --json-log               print each message as one line of JSON
  -h, --help               print this text
  -v, --version            print the version of the package

Credentials and service to accept, each with a fixed default
  --account-sid <sid>      account, AC…
  --auth-token <token>     auth token of the account
  --api-key <key>          API key, SK…
  --api-secret <secret>    secret of the API key
  --service-sid <sid>      Verify service, VA…

Examples
  ${RUN}
      Prints TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_API_KEY, TWILIO_API_SECRET, TWILIO_VERIFY_SERVICE_SID, and
      TWILIO_VERIFY_BASE_URL, and then every message. Open the base URL in a browser to see the messages on a phone.

  ${RUN} > emulator.env & sleep 1; . ./emulator.env
  curl -u $TWILIO_ACCOUNT_SID:$TWILIO_AUTH_TOKEN --data-urlencode To=+12025550123 -d Channel=sms \\
      $TWILIO_VERIFY_BASE_URL/v2/Services/$TWILIO_VERIFY_SERVICE_SID/Verifications

  ${RUN} --port 0 --code-length 4 --json-log

Numbers that always fail: ${MAGIC_PREFIX}, and usually the last four digits of Twilio's error code
${MAGIC_NUMBERS.map(({ number, meaning }) => `  ${number}   ${meaning}`).join('\n')}
`;

const FLAGS = {
  port: { type: 'string' },
  host: { type: 'string' },
  'code-length': { type: 'string' },
  'ttl-seconds': { type: 'string' },
  'service-name': { type: 'string' },
  'account-sid': { type: 'string' },
  'auth-token': { type: 'string' },
  'api-key': { type: 'string' },
  'api-secret': { type: 'string' },
  'service-sid': { type: 'string' },
  'json-log': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const;

/** Parses and checks the command's arguments. */
export function parseCommandLine(args: readonly string[]): CommandLine {
  try {
    const { values } = parseArgs({ args: [...args], options: FLAGS, strict: true, allowPositionals: false });
    if (values.help === true) return { kind: 'help' };
    if (values.version === true) return { kind: 'version' };
    const options: VerifyEmulatorOptions = {
      port: numberOf(values.port) ?? DEFAULT_PORT,
      ...given('host', values.host),
      ...given('codeLength', numberOf(values['code-length'])),
      ...given('ttlSeconds', numberOf(values['ttl-seconds'])),
      ...given('serviceName', values['service-name']),
      ...given('accountSid', values['account-sid']),
      ...given('authToken', values['auth-token']),
      ...given('apiKey', values['api-key']),
      ...given('apiSecret', values['api-secret']),
      ...given('serviceSid', values['service-sid']),
    };
    resolveOptions(options);
    return { kind: 'start', options, logsJson: values['json-log'] === true };
  } catch (error) {
    return { kind: 'wrong', problem: problemOf(error) };
  }
}

function given<Name extends keyof VerifyEmulatorOptions>(name: Name, value: VerifyEmulatorOptions[Name] | undefined) {
  return value === undefined ? {} : { [name]: value };
}

/** Reads a number. Other text becomes NaN, which no option accepts, so that the rule of the option names it. */
function numberOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  return /^\d+$/.test(text) ? Number(text) : Number.NaN;
}

/** The first sentence of an error, in the command's words: `codeLength` is `--code-length` there. */
function problemOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const [first = ''] = message.split(/\n|\. (?=[A-Z])/);
  return first
    .replace(/^startVerifyEmulator: (?:the options? )?/, '')
    .replace(
      /"([a-zA-Z]+)"/g,
      (_, name: string) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    );
}
