import { createHash } from 'node:crypto';
import { TwilioVerifyError } from './errors.js';
import { resolveLimitNumbers } from './limit-numbers.js';
import { chain } from './maybe-promise.js';
import { DEFAULT_METHODS } from './methods.js';
import * as a from './option-kinds.js';
import { OptionReader, type Setting } from './option-reader.js';
import type {
  MethodDisplay,
  TwilioVerifyStrategyOptions,
  TwilioVerifyStrategyOptionsWithRequest,
  UserContext,
} from './options.js';
import { TextLibrary } from './texts.js';
import { resolveBaseUrl } from './twilio/base-url.js';
import type { TwilioClient } from './twilio/client.js';
import { LINE_TYPES, RISK_CHECKS } from './twilio/values.js';

/** All options, resolved once. Nothing below this has defaults. */
export type Settings<TUser> = ReturnType<typeof resolveSettings<TUser>>;

const DAY_SECONDS = 86_400;

/** What `maxAgeSeconds` may be: a verification that lasts less would not outlive the way back from the code page. */
const aMaxAge = a.aNumber(30, Number.POSITIVE_INFINITY, 'seconds');

/** The age that a call asks for. @throws TypeError that names the call */
export function maxAgeIn(call: string, maxAgeSeconds: number | undefined): number | undefined {
  if (maxAgeSeconds === undefined || aMaxAge.is(maxAgeSeconds)) return maxAgeSeconds;
  throw new TypeError(`${call}: maxAgeSeconds must be ${aMaxAge.expected}`);
}

/**
 * Turns the public options into settings: checks them and applies the defaults.
 *
 * @param env - Where credentials and base URL come from when the options do not say.
 * @throws TypeError that names the option: an unknown one, one out of its range, or one that must be a callback
 */
export function resolveSettings<TUser>(
  given: TwilioVerifyStrategyOptions<TUser> | TwilioVerifyStrategyOptionsWithRequest<TUser>,
  env: NodeJS.ProcessEnv,
) {
  if (!a.anObject.is(given)) throw new TypeError('TwilioVerifyStrategy: options must be an object with "phoneNumber"');
  const options: Omit<TwilioVerifyStrategyOptions<TUser>, 'passReqToCallback'> & { passReqToCallback?: boolean } =
    given;
  const read = new OptionReader(options);
  const aRetryTime = a.aNumber(0, DAY_SECONDS, 'seconds');
  const isProduction = env.NODE_ENV === 'production';
  const country = read.value('country', a.aCountry, 'US');

  const settings = {
    name: read.value('name', a.aName, 'twilio-2fa'),
    clock: read.value('clock', a.aFunction, () => Date.now()) as () => number,
    passReqToCallback: read.value('passReqToCallback', a.aBoolean, false),

    accountSid: read.setting('accountSid', a.aSid('AC'), env.TWILIO_ACCOUNT_SID),
    authToken: read.setting('authToken', a.aString, env.TWILIO_AUTH_TOKEN),
    apiKey: read.setting('apiKey', a.aSid('SK'), env.TWILIO_API_KEY),
    apiSecret: read.setting('apiSecret', a.aString, env.TWILIO_API_SECRET),
    serviceSid: read.setting('serviceSid', a.aSid('VA'), env.TWILIO_VERIFY_SERVICE_SID),
    client: read.value('client', a.anObject, undefined) as TwilioClient | undefined,
    baseUrl: resolveBaseUrl(read.value('baseUrl', a.aString, env.TWILIO_VERIFY_BASE_URL), isProduction),
    timeoutMs: read.value('timeoutSeconds', a.aNumber(1, 60, 'seconds'), 10) * 1000,

    userId: userIdSetting(read.callback('userId', a.aUserId), options.userId !== undefined),
    isRequired: read.setting('isRequired', a.aBoolean, true),
    allowedMethods: read.setting('allowedMethods', a.aListOf(a.aMethod), DEFAULT_METHODS),
    phoneNumber: read.callback('phoneNumber', a.anyString, { required: true }),
    storePhoneNumber: read.callback('storePhoneNumber', a.aRefusalMessage, {
      required: options.allowRegister !== false || options.allowChange !== false,
    }),
    email: read.callback('email', a.anyString),
    allowRegister: read.setting('allowRegister', a.aBoolean, true),
    registerOptional: read.setting('registerOptional', a.aBoolean, false),
    allowChange: read.setting('allowChange', a.aBoolean, true),
    retryTimeSeconds: read.setting('retryTimeSeconds', a.either(aRetryTime, a.aListOf(aRetryTime, 1)), 180),
    serviceName: read.setting('serviceName', a.aServiceName, undefined),

    country,
    allowedCountries: read.value('allowedCountries', a.aListOf(a.aCountry, 1), [country]),
    codeLength: read.value('codeLength', a.anInteger(4, 10), 6),
    codeField: read.value('codeField', a.aName, 'code'),
    maxAgeSeconds: read.value('maxAgeSeconds', aMaxAge, Number.POSITIVE_INFINITY),
    allowedOrigins: read.value('allowedOrigins', a.aListOf(a.anOrigin), []),

    mountPath: read.value('mountPath', a.aPath, '/2fa').replace(/\/+$/, ''),
    isMountPathGiven: options.mountPath !== undefined,
    verifySuccessUrl: read.setting('verifySuccessUrl', a.anUrlOrPath, undefined),
    loginUrl: read.value('loginUrl', a.anUrlOrPath, undefined),
    logoutUrl: read.value('logoutUrl', a.anUrlOrPath, undefined),
    helpUrl: read.value('helpUrl', a.anUrlOrPath, undefined),
    stylesheets: read.value('stylesheets', a.aListOf(a.anUrlOrPath), []),
    showLastDigits: read.value('showLastDigits', a.aBoolean, true),
    texts: new TextLibrary(read.value('strings', a.someStrings, {})),
    render: options.render === undefined ? undefined : read.callback('render', a.aString, { required: true }),
    locale: read.setting('locale', a.aLocale, undefined),
    views: [read.value('views', a.either(a.aString, a.aListOf(a.aString)), [])].flat(),
    methodDisplay: read.callback('methodDisplay', a.anObject as a.Kind<MethodDisplay>),

    csrfToken: read.callback('csrfToken', a.aCsrfField),
    rateLimits: read.setting('rateLimits', a.aStringRecord, undefined),
    deviceIp: read.setting('deviceIp', a.aString, undefined),
    riskCheck: read.setting('riskCheck', a.oneOf(RISK_CHECKS), undefined),
    tags: read.setting('tags', a.aStringRecord, undefined),
    templateSid: read.setting('templateSid', a.aSid('HJ'), undefined),
    allowedLineTypes: read.value('allowedLineTypes', a.aListOf(a.oneOf(LINE_TYPES), 1), undefined),
    lookupUnavailable: read.value('lookupUnavailable', a.oneOf(['refuse', 'allow']), 'refuse' as const),

    limits: resolveLimitNumbers(read.value('limits', a.anObject, {})),
    createLimiter: read.value('createLimiter', a.aFunction, undefined) as
      | TwilioVerifyStrategyOptions<TUser>['createLimiter']
      | undefined,
    hashKey: hashKeyFrom(options, env),
    isProduction,
  };
  read.rejectUnknown();
  return settings;
}

function userIdSetting<TUser>(
  callback: Setting<UserContext<TUser>, string | number | bigint | undefined>,
  isGiven: boolean,
): Setting<UserContext<TUser>, string> {
  const read = isGiven ? callback : ({ user }: UserContext<TUser>) => (user as { id?: unknown }).id;
  return (context) =>
    chain<unknown, string>(read(context), (id) => {
      if (a.aUserId.is(id)) return String(id);
      throw new TwilioVerifyError(
        'ERR_TWILIO_VERIFY_USER_ID',
        `${isGiven ? 'The callback "userId" gave' : 'user.id is'} not ${a.aUserId.expected}. ` +
          'Add an option that gives one, for example: userId: ({ user }) => user.email',
      );
    });
}

/**
 * The key of the hashes under which limits are counted, so that a limiter's store shows neither numbers nor user ids.
 * Every process of an application has the same credentials, and so the same key.
 */
function hashKeyFrom<TUser>(
  options: Omit<TwilioVerifyStrategyOptions<TUser>, 'passReqToCallback'>,
  env: NodeJS.ProcessEnv,
): Buffer {
  const secrets = [
    options.authToken ?? env.TWILIO_AUTH_TOKEN,
    options.apiSecret ?? env.TWILIO_API_SECRET,
    (options.client as { password?: unknown } | undefined)?.password,
    options.serviceSid ?? env.TWILIO_VERIFY_SERVICE_SID,
  ];
  const secret = secrets.find((candidate) => typeof candidate === 'string') ?? '';
  return createHash('sha256').update(`passport-twilio-verify limits\0${secret}`).digest();
}
