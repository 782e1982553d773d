import { DEFAULTS, type EmulatorSettings, type VerifyEmulatorOptions } from './options.js';
import { EMULATOR_CHANNELS } from './rules/channels.js';
import { CODE_LENGTH } from './rules/codes.js';
import { isSid } from './rules/sids.js';

type Rule = readonly [isRight: (value: unknown) => boolean, wanted: string];

const oneOf = (...values: readonly unknown[]): Rule => [
  (value) => values.includes(value),
  values.map((value) => JSON.stringify(value)).join(' or '),
];
const integer = (min: number, max: number): Rule => [
  (value) => Number.isInteger(value) && Number(value) >= min && Number(value) <= max,
  `a whole number from ${min} to ${max}`,
];
const text = (maxLength: number): Rule => [
  (value) => typeof value === 'string' && value.trim() !== '' && value.length <= maxLength,
  `a text of 1 to ${maxLength} characters`,
];
const aFunction: Rule = [(value) => typeof value === 'function', 'a function'];
const sid = (prefix: 'AC' | 'VA'): Rule => [
  (value) => typeof value === 'string' && isSid(value, prefix),
  `${prefix} and 32 hexadecimal digits`,
];
// A colon would end the user's name early in the Authorization header.
const userName: Rule = [
  (value) => typeof value === 'string' && /^[^\s:]{1,100}$/.test(value),
  'a text without a colon',
];

const RULES: { readonly [Name in keyof Required<VerifyEmulatorOptions>]: Rule } = {
  port: integer(0, 65_535),
  host: text(255),
  accountSid: sid('AC'),
  authToken: text(200),
  apiKey: userName,
  apiSecret: text(200),
  serviceSid: sid('VA'),
  serviceName: text(30),
  codeLength: integer(CODE_LENGTH.min, CODE_LENGTH.max),
  customCodeEnabled: oneOf(true, false),
  channels: [
    (value) => Array.isArray(value) && value.every((channel) => EMULATOR_CHANNELS.includes(channel)),
    `a list of ${EMULATOR_CHANNELS.join(', ')}`,
  ],
  ttlSeconds: integer(1, 86_400),
  maxSends: integer(1, 1_000),
  maxChecks: integer(1, 1_000),
  maxVerifications: integer(1, 10_000_000),
  now: aFunction,
  onMessage: aFunction,
  onNotEmulated: aFunction,
  afterMaxChecks: oneOf('kept', 'deleted'),
  checkWithoutPending: oneOf('notFound', 'pending'),
  customCodeNotEnabled: oneOf('forbidden', 'invalid', 'accepted'),
  unknownLocale: oneOf('invalid', 'notFound'),
  checkStatus: oneOf(200, 201),
};

/**
 * Checks the options and fills in the defaults.
 *
 * @throws TypeError that names the option, for a value of the wrong kind or range and for a name that is unknown.
 */
export function resolveOptions(options: VerifyEmulatorOptions): EmulatorSettings {
  if (typeof options !== 'object' || options === null) throw new TypeError('startVerifyEmulator: options is an object');
  const given: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    const rule = Object.hasOwn(RULES, name) ? RULES[name as keyof VerifyEmulatorOptions] : undefined;
    if (rule === undefined) throw new TypeError(`startVerifyEmulator: there is no option "${name}"`);
    const [isRight, wanted] = rule;
    if (!isRight(value)) throw new TypeError(`startVerifyEmulator: the option "${name}" must be ${wanted}`);
    given[name] = value;
  }
  if ('apiKey' in given !== 'apiSecret' in given) {
    throw new TypeError('startVerifyEmulator: the options "apiKey" and "apiSecret" go together');
  }
  return { ...DEFAULTS, ...given };
}
