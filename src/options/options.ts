/// <reference types="passport" preserve="true" />
import type { Request } from 'express';
import type {
  AccountContext,
  Callback,
  MaybePromise,
  PurposeContext,
  UserContext,
  ValueOrCallback,
} from '../common/callback.js';
import type { Method } from '../common/methods.js';
import type { StorePhoneNumberContext } from '../core/codes/phone-number-storage.js';
import type { ServiceNameContext } from '../core/codes/send-request.js';
import type { LimitOptions } from '../limits/limit-numbers.js';
import type { CreateLimiter } from '../limits/limiter-store.js';
import type { Brand, CsrfField } from '../pages/models.js';
import type { MethodDisplay, MethodDisplayContext, RenderContext } from '../pages/page-settings.js';
import type { FactorStore } from '../store/factor-store.js';
import type { Strings } from '../texts/locales.js';
import type { TwilioClient } from '../twilio/client.js';
import type { LineType, RiskCheck } from '../twilio/values.js';
import type { RecoveryCodeOptions, RememberDeviceOptions } from './store-options.js';

/** The options of {@link TwilioVerifyStrategy}. Only `phoneNumber` has no default. */
export interface TwilioVerifyStrategyOptions<TUser = Express.User> {
  /** Twilio account, `AC…`. @default `TWILIO_ACCOUNT_SID` */
  accountSid?: ValueOrCallback<UserContext<TUser>, string>;
  /** Its auth token. @default `TWILIO_AUTH_TOKEN` */
  authToken?: ValueOrCallback<UserContext<TUser>, string>;
  /** API key, `SK…`, used instead of the auth token. @default `TWILIO_API_KEY` */
  apiKey?: ValueOrCallback<UserContext<TUser>, string>;
  /** Secret of the API key. @default `TWILIO_API_SECRET` */
  apiSecret?: ValueOrCallback<UserContext<TUser>, string>;
  /** Verify service, `VA…`. Use one of its own for registrations. @default `TWILIO_VERIFY_SERVICE_SID` */
  serviceSid?: ValueOrCallback<PurposeContext<TUser>, string>;
  /** A ready client of the `twilio` SDK, instead of credentials, `baseUrl` and `timeoutSeconds` of its connections. */
  client?: TwilioClient;
  /**
   * URL of the Verify API, for an emulator or a proxy. Must be https in production.
   *
   * @default `TWILIO_VERIFY_BASE_URL`, then Twilio
   */
  baseUrl?: string;
  /** Time limit of one call to Twilio, in seconds, 1 to 60. @default 10 */
  timeoutSeconds?: number;

  /**
   * Methods that users can choose, in the order in which they are offered. Must include `email` if the option `email` is
   * set. @default `['sms', 'call', 'whatsapp']`
   */
  allowedMethods?: ValueOrCallback<UserContext<TUser>, readonly Method[]>;
  /**
   * Returns the user's phone number, or `undefined` for none. Numbers without `+` are parsed as numbers in `country`. One
   * that can't be read isn't an absent one: the user can't register another number.
   */
  phoneNumber: Callback<AccountContext<TUser>, string>;
  /**
   * Stores a number whose code was typed correctly. Returning `{ message }` refuses it: the form is shown again with
   * that text. Required unless both `allowRegister` and `allowChange` are `false`.
   */
  storePhoneNumber?: (
    context: StorePhoneNumberContext<TUser>,
    // biome-ignore lint/suspicious/noConfusingVoidType: a callback that stores and returns nothing is the usual one
  ) => MaybePromise<{ readonly message: string } | null | undefined | void>;
  /** Returns the user's email address, or `undefined` for none. `allowedMethods` must include `email`. @default none */
  email?: Callback<AccountContext<TUser>, string>;
  /** Whether a user without a stored phone number or email address can register a number. @default true */
  allowRegister?: ValueOrCallback<UserContext<TUser>, boolean>;
  /** Whether a user can skip registration for a session, until an address is stored. @default false */
  registerOptional?: ValueOrCallback<UserContext<TUser>, boolean>;
  /**
   * Whether a user can change the number. Starting a change needs a code from the last 5 minutes, or a recovery code from
   * the last 15. @default true
   */
  allowChange?: ValueOrCallback<UserContext<TUser>, boolean>;
  /** Whether this user must pass the second step. @default true */
  isRequired?: ValueOrCallback<UserContext<TUser>, boolean>;
  /**
   * Seconds before a code may be sent again by the same method, 0 to 86,400. A list is a schedule: its first entry
   * after the first code, its last after every later one. Twilio allows five sends. The delay is at most the ten minutes
   * that a code is valid, and a correct code ends it for all methods to that recipient. @default 180
   */
  retryTimeSeconds?: ValueOrCallback<UserContext<TUser>, number | readonly number[]>;
  /**
   * Digits of a code, 4 to 10, as in the settings of the Verify service. If it's set, a code of another length is refused
   * without a call to Twilio, and costs no attempt. If it isn't, 4 to 10 digits are checked.
   *
   * @default 6 in the page's hint
   */
  codeLength?: ValueOrCallback<PurposeContext<TUser>, number>;
  /** Seconds a verification lasts, at least 30. @default the life of the session */
  maxAgeSeconds?: number;
  /**
   * Returns a value that changes with the user's credentials, such as a random value that you replace with each change of
   * the password or phone number. A verification from before the change doesn't count. Called for each request to a
   * protected route, so keep it synchronous. Don't return the phone number itself: the session holds a digest.
   *
   * @default none
   */
  securityStamp?: Callback<UserContext<TUser>, string | number | bigint | Date>;
  /**
   * Returns when the user passed the first step, as a `Date` or in epoch milliseconds. The security page and changes of
   * the number then need a sign-in in the last 15 minutes. An unreadable time counts as longer ago.
   *
   * @default not checked
   */
  lastLoginAt?: Callback<UserContext<TUser>, Date | number>;
  /**
   * Ends the user's other sessions. The security page offers it, and the success page after a change of the number.
   * @default not offered
   */
  endOtherSessions?: (context: UserContext<TUser>) => MaybePromise<unknown>;
  /** URL to redirect to after success, unless the user came from a protected page. @default the success page */
  verifySuccessUrl?: ValueOrCallback<UserContext<TUser>, string>;
  /**
   * URL that page requests without a user are redirected to. The page stays in `req.session.returnTo`, which Passport's
   * `successReturnToOrRedirect` reads after the login. @default none: 401
   */
  loginUrl?: string;
  /**
   * URL that the pages' "Sign out" form sends a POST to: mount it with `app.post`, because a link could sign users out.
   *
   * @default not shown
   */
  logoutUrl?: string;
  /** URL of help for users who lost their phone. @default not shown */
  helpUrl?: string;
  /** Path at which the application mounts the router. @default `'/2fa'` */
  mountPath?: string;
  /**
   * Path prefix that a reverse proxy removes before it forwards a request, such as `/portal`. The strategy adds it to its
   * own paths and to the page that the user wanted. It doesn't change URLs in other options. @default `''`
   */
  basePath?: string;
  /** Overrides the Verify service's friendly name in the message, 30 characters at most. @default no override */
  serviceName?: ValueOrCallback<ServiceNameContext<TUser>, string>;
  /** Changes icon and label of a method. @default own labels and inline icons */
  methodDisplay?: Callback<MethodDisplayContext, MethodDisplay>;
  /** Name at the top of each page and in its title, with a logo if `logoUrl` is set. @default none */
  brand?: Brand;
  /** URLs of more stylesheets for every page. @default `[]` */
  stylesheets?: readonly string[];
  /**
   * Whether the pages show the last digits of the number, or the ends of the e-mail address, at sign-in.
   *
   * @default true
   */
  showLastDigits?: boolean;
  /**
   * Texts of the pages by language and key, as in `views/locales/en.json`: to add a language, or to replace single
   * texts.
   *
   * @default none
   */
  strings?: Strings;
  /** Renders the pages with the application's own engine. @default our nunjucks templates */
  render?: Callback<RenderContext, string>;
  /** Language of pages and messages, BCP 47. @default negotiated from `Accept-Language` */
  locale?: ValueOrCallback<AccountContext<TUser>, string>;
  /** Region of a number that is typed without `+`, ISO 3166-1 alpha-2. @default `'US'` */
  country?: string;
  /** Countries whose numbers users can register, ISO 3166-1 alpha-2. @default `[country]` */
  allowedCountries?: readonly string[];
  /** Folders searched for templates before our own. @default `[]` */
  views?: string | readonly string[];
  /**
   * A stable ID of the user; an empty one is an error. Required if credentials or `serviceSid` are callbacks, and then
   * unique over all tenants.
   *
   * @default `user.id`
   */
  userId?: Callback<AccountContext<TUser>, string | number | bigint>;
  /** Name of the strategy and key of its session record. @default `'twilio-2fa'` */
  name?: string;
  /** Name of the form field with the code. @default `'code'` */
  codeField?: string;
  /**
   * Other origins, such as `https://app.example.com`, whose pages can post, and read every response of the router,
   * including HTML pages. The app's CSRF token isn't sent to them. @default `[]`
   */
  allowedOrigins?: readonly string[];
  /** Numbers of the limits. @default see {@link LimitOptions} */
  limits?: LimitOptions;
  /**
   * Secret for the keys that limits count under. Required if `createLimiter` is set and no credential has a fixed value.
   * A new secret resets all counts and lockouts. @default derived from the credentials; random per process in memory
   */
  hashSecret?: string | undefined;
  /** Puts the application's own CSRF token into our forms. @default none: requests are checked by their origin */
  csrfToken?: Callback<{ readonly req: Request }, CsrfField>;
  /** Keys of the service's own rate limits, by unique name, such as `{ end_user_ip_address: req.ip }`. @default none */
  rateLimits?: ValueOrCallback<PurposeContext<TUser>, Readonly<Record<string, string>>>;
  /** IP address of the person's device, for Twilio's fraud guard. @default none */
  deviceIp?: ValueOrCallback<UserContext<TUser>, string>;
  /** Twilio's fraud guard for this send. @default as the service is set up */
  riskCheck?: ValueOrCallback<UserContext<TUser>, RiskCheck>;
  /** Up to 10 tags for Twilio's reports, 128 characters each; nothing personal. @default none */
  tags?: ValueOrCallback<UserContext<TUser>, Readonly<Record<string, string>>>;
  /** Template of the message, `HJ…`. @default the service's */
  templateSid?: ValueOrCallback<UserContext<TUser>, string>;
  /**
   * Line types a number may have that is registered or changed to, asked of Twilio Lookup (which Twilio charges for).
   * @default no look-up
   */
  allowedLineTypes?: readonly LineType[];
  /** Whether to accept a number when Lookup fails or has no data for it. @default 'refuse' */
  lookupUnavailable?: 'refuse' | 'allow';
  /** Keeps the factors of users, such as recovery codes, in your database. @default none */
  store?: FactorStore;
  /**
   * Whether users can sign in with recovery codes if they can't use their phone. Needs `store`. An object sets the
   * numbers. @default false
   */
  recoveryCodes?: boolean | RecoveryCodeOptions;
  /**
   * Whether users can choose that a device isn't asked for a code again, and for how many days. Needs `store`.
   * @default off
   */
  rememberDevice?: RememberDeviceOptions;
  /** Makes the store behind each limit. @default in memory */
  createLimiter?: CreateLimiter;
  /** Whether the `verify` callback gets the request as its first argument. @default false */
  passReqToCallback?: false;
  /** The time, in epoch milliseconds: for tests that move it. @default `Date.now` */
  clock?: () => number;
}

/** The options with `passReqToCallback: true`, which go with a {@link VerifyCallbackWithRequest}. */
export type TwilioVerifyStrategyOptionsWithRequest<TUser = Express.User> = Omit<
  TwilioVerifyStrategyOptions<TUser>,
  'passReqToCallback'
> & { passReqToCallback: true };
