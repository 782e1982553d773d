import { statSync } from 'node:fs';
import path from 'node:path';
import type { AccountContext, Setting, UserContext } from '../common/callback.js';
import { TwilioVerifyError } from '../common/errors.js';
import { DEFAULT_METHODS } from '../common/methods.js';
import type { ShippedFiles } from '../common/shipped-files.js';
import { isMaxAge, MAX_AGE_EXPECTED } from '../core/step/max-age.js';
import type { LimitOptions } from '../limits/limit-numbers.js';
import type { MethodDisplay } from '../pages/page-settings.js';
import { ShippedLocales } from '../texts/locales.js';
import { TextLibrary } from '../texts/texts.js';
import type { TwilioClient } from '../twilio/client.js';
import { LINE_TYPES, RISK_CHECKS } from '../twilio/values.js';
import { resolveBaseUrl } from './base-url.js';
import { codeLengthSetting } from './code-length.js';
import { resolveHashKey } from './hash-key.js';
import { resolveLimitNumbers, resolveLimitScope } from './limit-options.js';
import * as is from './option-kinds.js';
import { OptionReader } from './option-reader.js';
import type { TwilioVerifyStrategyOptions, TwilioVerifyStrategyOptionsWithRequest } from './options.js';
import { resolveRecoveryCodes, resolveRememberDevice } from './store-options.js';
import { requireUserIdOfAllTenants } from './tenant-options.js';

/** All options, resolved once. Nothing below this has defaults. */
export type Settings<TUser> = ReturnType<typeof resolveSettings<TUser>>;

const DAY_SECONDS = 86_400;

/** Maximum age of a verification. */
const maxAge: is.Kind<number> = { expected: MAX_AGE_EXPECTED, is: isMaxAge };

/**
 * Turns the public options into settings: checks them and applies the defaults.
 *
 * @param files - Returns the files that the package ships.
 * @param env - Environment, for credentials and base URL that the options don't set.
 * @throws TypeError that names the option: an unknown one, one out of its range, or one that must be a callback
 */
export function resolveSettings<TUser>(
  given: TwilioVerifyStrategyOptions<TUser> | TwilioVerifyStrategyOptionsWithRequest<TUser>,
  env: NodeJS.ProcessEnv,
  files: () => ShippedFiles,
) {
  if (!is.object.is(given)) throw new TypeError('TwilioVerifyStrategy: options must be an object with "phoneNumber"');
  const options: Omit<TwilioVerifyStrategyOptions<TUser>, 'passReqToCallback'> & { passReqToCallback?: boolean } =
    given;
  const read = new OptionReader(options);
  const retryTime = is.number(0, DAY_SECONDS, 'seconds');
  const isProduction = env.NODE_ENV === 'production';
  const country = read.value('country', is.country, 'US');
  const basePath = withoutSlash(read.value('basePath', is.basePath, ''));
  const mountPath = withoutSlash(read.value('mountPath', is.path, '/2fa'));
  const limits: LimitOptions = read.value('limits', is.object, {});
  const store = read.value('store', is.factorStore, undefined);

  const settings = {
    name: read.value('name', is.strategyName, 'twilio-2fa'),
    clock: read.value('clock', is.callable, () => Date.now()) as () => number,
    passReqToCallback: read.value('passReqToCallback', is.boolean, false),

    accountSid: read.setting('accountSid', is.sid('AC'), env.TWILIO_ACCOUNT_SID),
    authToken: read.setting('authToken', is.filledString, env.TWILIO_AUTH_TOKEN),
    apiKey: read.setting('apiKey', is.sid('SK'), env.TWILIO_API_KEY),
    apiSecret: read.setting('apiSecret', is.filledString, env.TWILIO_API_SECRET),
    serviceSid: read.setting('serviceSid', is.sid('VA'), env.TWILIO_VERIFY_SERVICE_SID),
    client: read.value('client', is.object, undefined) as TwilioClient | undefined,
    baseUrl: resolveBaseUrl(read.value('baseUrl', is.filledString, env.TWILIO_VERIFY_BASE_URL), isProduction),
    timeoutMs: read.value('timeoutSeconds', is.number(1, 60, 'seconds'), 10) * 1000,

    userId: userIdSetting(read.callback('userId', is.userId), options.userId !== undefined),
    isRequired: read.setting('isRequired', is.boolean, true),
    allowedMethods: read.setting('allowedMethods', is.listOf(is.method), DEFAULT_METHODS),
    phoneNumber: read.callback('phoneNumber', is.string, { required: true }),
    storePhoneNumber: read.callback('storePhoneNumber', is.refusalMessage, {
      required: options.allowRegister !== false || options.allowChange !== false,
    }),
    email: read.callback('email', is.string),
    allowRegister: read.setting('allowRegister', is.boolean, true),
    registerOptional: read.setting('registerOptional', is.boolean, false),
    allowChange: read.setting('allowChange', is.boolean, true),
    retryTimeSeconds: read.setting('retryTimeSeconds', is.either(retryTime, is.listOf(retryTime, 1)), 180),
    serviceName: read.setting('serviceName', is.serviceName, undefined),

    country,
    allowedCountries: read.value('allowedCountries', is.listOf(is.country, 1), [country]),
    codeLength: codeLengthSetting<TUser>(read, options.codeLength),
    codeField: read.value('codeField', is.fieldName, 'code'),
    maxAgeSeconds: read.value('maxAgeSeconds', maxAge, Number.POSITIVE_INFINITY),
    securityStamp: stampSetting(options.securityStamp && read.callback('securityStamp', is.securityStamp)),
    endOtherSessions: read.value('endOtherSessions', is.callable, undefined) as
      | TwilioVerifyStrategyOptions<TUser>['endOtherSessions']
      | undefined,
    lastLoginAt: read.value('lastLoginAt', is.callable, undefined) as Setting<UserContext<TUser>, unknown> | undefined,
    allowedOrigins: read.value('allowedOrigins', is.listOf(is.origin), []),

    basePath,
    mountPath,
    pagesUrl: basePath + mountPath,
    isMountPathGiven: options.mountPath !== undefined,
    verifySuccessUrl: read.setting('verifySuccessUrl', is.urlOrPath, undefined),
    loginUrl: read.value('loginUrl', is.urlOrPath, undefined),
    logoutUrl: read.value('logoutUrl', is.urlOrPath, undefined),
    helpUrl: read.value('helpUrl', is.urlOrPath, undefined),
    brand: read.value('brand', is.brand, undefined),
    stylesheets: read.value('stylesheets', is.listOf(is.urlOrPath), []),
    showLastDigits: read.value('showLastDigits', is.boolean, true),
    texts: new TextLibrary(read.value('strings', is.strings, {}), new ShippedLocales(files)),
    render: options.render === undefined ? undefined : read.callback('render', is.filledString, { required: true }),
    locale: read.setting('locale', is.locale, undefined),
    views: existingFolders([read.value('views', is.either(is.filledString, is.listOf(is.filledString)), [])].flat()),
    methodDisplay: read.callback('methodDisplay', is.object as is.Kind<MethodDisplay>),

    csrfToken: read.callback('csrfToken', is.csrfField),
    rateLimits: read.setting('rateLimits', is.stringRecord, undefined),
    deviceIp: read.setting('deviceIp', is.filledString, undefined),
    riskCheck: read.setting('riskCheck', is.oneOf(RISK_CHECKS), undefined),
    tags: read.setting('tags', is.stringRecord, undefined),
    templateSid: read.setting('templateSid', is.sid('HJ'), undefined),
    allowedLineTypes: read.value('allowedLineTypes', is.listOf(is.oneOf(LINE_TYPES), 1), undefined),
    lookupUnavailable: read.value('lookupUnavailable', is.oneOf(['refuse', 'allow']), 'refuse' as const),

    store,
    recoveryCodes: resolveRecoveryCodes(
      read.value('recoveryCodes', is.either(is.boolean, is.object), undefined),
      store !== undefined,
    ),
    rememberDevice: resolveRememberDevice(read.value('rememberDevice', is.object, undefined), store !== undefined),
    limits: resolveLimitNumbers(limits),
    limitScope: resolveLimitScope(limits),
    createLimiter: read.value('createLimiter', is.callable, undefined) as
      | TwilioVerifyStrategyOptions<TUser>['createLimiter']
      | undefined,
    hashKey: resolveHashKey(read.value('hashSecret', is.filledString, undefined), options, env),
    isProduction,
    callbacks: new Set(Object.entries(options).flatMap(([name, value]) => (typeof value === 'function' ? [name] : []))),
    files,
  };
  read.rejectUnknown();
  rejectUnusedEmail(options);
  requireUserIdOfAllTenants(options);
  return settings;
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}

/** Without this check, the first visitor would find out that a path is wrong, because each page falls back to ours. */
function existingFolders(folders: readonly string[]): readonly string[] {
  const missing = folders.find((folder) => !statSync(folder, { throwIfNoEntry: false })?.isDirectory());
  if (missing === undefined) return folders;
  throw new TypeError(
    `TwilioVerifyStrategy: option "views" names ${path.resolve(missing)}, which isn't a folder. Start the path at the ` +
      "file that has it: path.join(__dirname, 'views')",
  );
}

/** Every stored address counts, so an email address that no method uses would keep its owner from ever signing in. */
function rejectUnusedEmail<TUser>({
  email,
  allowedMethods,
}: Pick<TwilioVerifyStrategyOptions<TUser>, 'email' | 'allowedMethods'>): void {
  if (!email || typeof allowedMethods === 'function' || (allowedMethods ?? DEFAULT_METHODS).includes('email')) return;
  throw new TypeError(
    'TwilioVerifyStrategy: option "email" needs the method "email", which "allowedMethods" leaves out. Users with only ' +
      "an email address could neither verify nor register. Add allowedMethods: ['sms', 'call', 'whatsapp', 'email']",
  );
}

function userIdSetting<TUser>(
  callback: Setting<AccountContext<TUser>, string | number | bigint | undefined>,
  isGiven: boolean,
): Setting<AccountContext<TUser>, string> {
  const checked = (id: unknown): string => {
    if (is.userId.is(id)) return String(id);
    throw new TwilioVerifyError(
      'ERR_TWILIO_VERIFY_USER_ID',
      `${isGiven ? 'The callback "userId" returned' : 'user.id is'} not ${is.userId.expected}. ` +
        'Add an option that returns one, for example: userId: ({ user }) => String(user._id)',
    );
  };
  if (isGiven) return async (context) => checked(await callback(context));
  return ({ user }) => checked((user as { id?: unknown }).id);
}

/** A Date by its time: its text has a time zone. */
function stampSetting<TUser>(
  read: Setting<UserContext<TUser>, string | number | bigint | Date | undefined> | undefined,
): Setting<UserContext<TUser>, string | undefined> | undefined {
  if (!read) return undefined;
  return async (context) => {
    const stamp = await read(context);
    return stamp === undefined ? undefined : String(stamp instanceof Date ? stamp.getTime() : stamp);
  };
}
