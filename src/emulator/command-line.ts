import { parseArgs } from 'node:util';
import { MAGIC_NUMBERS, MAGIC_PREFIX } from './faults/magic-numbers.js';
import { DEFAULTS, type VerifyEmulatorOptions } from './options.js';
import { resolveOptions } from './resolve-options.js';

/** The port that the command listens on where nothing else is said. */
const DEFAULT_PORT = 4010;

/** What the command was told to do. */
export type CommandLine =
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly problem: string }
  | { readonly kind: 'start'; readonly options: VerifyEmulatorOptions; readonly logsJson: boolean };

/** The text of `--help`. */
export const HELP = `Usage: twilio-verify-emulator [options]

An emulator of Twilio's Verify API: it takes the calls that Twilio takes, keeps Twilio's rules, and shows the codes
in place of sending them.

Options
  --port <number>          port to listen on; 0 takes any free one (${DEFAULT_PORT})
  --host <address>         address to listen on (${DEFAULTS.host}); with any other, other machines can read the codes
  --code-length <number>   digits of a code, 4 to 10 (${DEFAULTS.codeLength})
  --ttl-seconds <number>   life of a verification (${DEFAULTS.ttlSeconds})
  --service-name <name>    friendly name of the service (${DEFAULTS.serviceName})
  --account-sid <sid>      credentials and service to accept; the same ones each time where not set
  --auth-token <token>
  --api-key <key>          (with --api-secret)
  --api-secret <secret>
  --service-sid <sid>
  --json-log               print each message as one line of JSON
  --help                   print this

Examples
  twilio-verify-emulator
      Prints TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_VERIFY_SERVICE_SID and TWILIO_VERIFY_BASE_URL, then every
      message. Open the base URL in a browser to see the messages on a phone.

  twilio-verify-emulator > emulator.env & sleep 1; . ./emulator.env
  curl -u $TWILIO_ACCOUNT_SID:$TWILIO_AUTH_TOKEN --data-urlencode To=+12025550123 -d Channel=sms \\
      $TWILIO_VERIFY_BASE_URL/v2/Services/$TWILIO_VERIFY_SERVICE_SID/Verifications

  twilio-verify-emulator --port 0 --code-length 4 --json-log

Numbers that fail on request (${MAGIC_PREFIX} and, mostly, the last four digits of Twilio's error code)
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
  help: { type: 'boolean' },
} as const;

/** Reads the command's arguments. */
export function parseCommandLine(args: readonly string[]): CommandLine {
  try {
    const { values } = parseArgs({ args: [...args], options: FLAGS, strict: true, allowPositionals: false });
    if (values.help === true) return { kind: 'help' };
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

/** What is no number becomes one that no option accepts, so that the option's own rule names it. */
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
