import type { ShownAddress } from '../common/address.js';
import type { Country } from '../common/countries.js';
import type { Method } from '../common/methods.js';
import type { Purpose, RefusalCode } from '../common/outcome.js';
import type { OwnDevice } from '../core/account/security-settings.js';
import type { Texts } from '../texts/texts.js';

/** Variables of `_base.html` and of every page. */
export interface BaseModel {
  /** BCP 47. */
  readonly lang: string;
  readonly dir: 'ltr' | 'rtl';
  /** The text of a key of `views/locales`, with values: `{{ t('verify.title') }}`. */
  readonly t: Texts['text'];
  /** Path of the pages as browsers see it: `basePath` and `mountPath`. Every URL of a page starts with it. */
  readonly base: string;
  /** Of the package: part of the addresses of its stylesheet and script, which browsers keep for a day. */
  readonly version: string;
  readonly stylesheets: readonly string[];
  /** Of the app; `undefined` for none. */
  readonly brand: Brand | undefined;
  /** Our own notices, as texts. */
  readonly notices: readonly string[];
  /** Passport's `req.session.messages`, which are then forgotten. */
  readonly messages: readonly string[];
  /** Why the form is shown again. */
  readonly error: FormError | undefined;
  /** The application's own CSRF token, for every form that posts. */
  readonly csrf: CsrfField | undefined;
  /** The same token for the sign-out form; `undefined` if `logoutUrl` is on another origin. */
  readonly logoutCsrf: CsrfField | undefined;
  readonly logoutUrl: string | undefined;
  readonly helpUrl: string | undefined;
}

/** Name and logo of the app. */
export interface Brand {
  readonly name: string;
  /** A path that starts with `/`, or an http(s) URL that the app's content security policy allows. */
  readonly logoUrl?: string;
}

/** Hidden form field with the app's own CSRF token. */
export interface CsrfField {
  readonly name: string;
  readonly value: string;
}

/** An error of a form. */
export interface FormError {
  readonly code: RefusalCode;
  readonly text: string;
  /** Id of the field it is about. */
  readonly field: string;
}

/** A method as it is offered. */
export interface MethodChoice {
  readonly method: Method;
  readonly label: string;
  /** CSS classes, `null` for no icon, `undefined` for our own. */
  readonly icon: string | null | undefined;
  /** The recipient of the code: masked, or the whole number while it is being registered. */
  readonly to: string;
  /** The last digits of a masked number, for words instead of dots: "ending in 0123". `undefined` for all others. */
  readonly ending: string | undefined;
}

/** A country of the list. */
export interface CountryChoice extends Country {
  readonly isSelected: boolean;
  /** The largest of the countries that share a calling code: what a typed `+1` most likely means. */
  readonly isMain: boolean;
}

/** `start.html` */
export interface StartModel {
  /** Whether the user can sign in with a recovery code instead. */
  readonly canRecover: boolean;
  readonly purpose: Purpose;
  readonly choices: readonly MethodChoice[];
  /** The method that is chosen in the form. */
  readonly method: string;
  /** Whether a code is on its way, which can be typed on the code page. */
  readonly canEnterCode: boolean;
  /** Whether the script submits the form at once: on a first navigation of a user with one method. */
  readonly postsItself: boolean;
}

/** `verify.html` */
export interface VerifyModel {
  /** Whether the user can sign in with a recovery code instead. */
  readonly canRecover: boolean;
  readonly purpose: Purpose;
  readonly method: MethodChoice;
  readonly hasOtherMethods: boolean;
  readonly codeField: string;
  readonly codeLength: number;
  readonly expiresAt: Date;
  /** When the code may be sent again by the same method. */
  readonly resendAt: Date;
  /** Wrong codes that are still allowed. */
  readonly attemptsLeft: number;
  /** Whether another session of the user got this code: nothing was sent for this one. */
  readonly isJoined: boolean;
  /** Days that the box "Don't ask again on this device" offers; `undefined` without a box. */
  readonly rememberDays: number | undefined;
  /** Whether the box is checked: the user checked it with a code that was wrong. */
  readonly rememberDevice: boolean;
  /** Seconds until the code expires, for `t('verify.hint', { …, expiresIn: { seconds } })`. */
  readonly expiresInSeconds: number;
  /** Seconds until the code may be sent again; 0 if it may. */
  readonly resendAfterSeconds: number;
}

/** `register.html` and `change.html` */
export interface NumberModel {
  readonly countries: readonly CountryChoice[];
  readonly choices: readonly MethodChoice[];
  readonly phoneNumber: string;
  /** Last digits of the number that a change replaces; `undefined` if there is none, or it isn't to be shown. */
  readonly currentEnding: string | undefined;
  readonly method: string;
  readonly canSkip: boolean;
}

/** `success.html` */
export interface SuccessModel {
  /** URL to continue at. `undefined` if there is no page other than this one. */
  readonly continueUrl: string | undefined;
  readonly canChange: boolean;
  /** Whether the page offers to end the user's other sessions. */
  readonly canEndOtherSessions: boolean;
  /** Whether the user signed in with a recovery code. */
  readonly isRecovered: boolean;
  /** Unused recovery codes; `undefined` if the app has none, or the store can't be read. */
  readonly recoveryCodesLeft: number | undefined;
}

/** `recovery.html` */
export interface RecoveryModel {
  /** Whether the user has an unused recovery code. */
  readonly hasCodes: boolean;
}

/** `recovery-codes.html` */
export interface RecoveryCodesModel {
  /** New codes, which are shown only now; empty on every other view of the page. */
  readonly codes: readonly string[];
  /** The new codes as a text file, for a link that saves them. */
  readonly download: string;
  /** Unused codes of the set that works. */
  readonly left: number;
  /** Whether there are new codes that the user hasn't confirmed. */
  readonly canConfirm: boolean;
  /** Whether the user must create codes to continue. */
  readonly isRequired: boolean;
  /** URL for a user who needs no codes now. */
  readonly continueUrl: string;
}

/** A remembered device on the page. */
export interface DeviceChoice extends OwnDevice {
  /** Browser and operating system, in the language of the page. */
  readonly name: string;
}

/** `security.html` */
export interface SecurityModel {
  /** Masked; `undefined` if there is none. */
  readonly phoneNumber: ShownAddress | undefined;
  /** Masked; `undefined` if there is none. */
  readonly email: ShownAddress | undefined;
  readonly canChange: boolean;
  /** Unused recovery codes; `undefined` if the app has none. */
  readonly recoveryCodesLeft: number | undefined;
  /** The remembered devices; `undefined` if the app remembers none. */
  readonly devices: readonly DeviceChoice[] | undefined;
  /** Methods to prefer one of; empty if there is nothing to choose. */
  readonly choices: readonly MethodChoice[];
  /** The method that is chosen; empty if the user has chosen none. */
  readonly preferredMethod: string;
  readonly canEndOtherSessions: boolean;
  /** URL to continue at. `undefined` if there is no page other than ours. */
  readonly continueUrl: string | undefined;
}

/** `failed.html` */
export interface FailedModel {
  /** Whether the user can sign in with a recovery code instead. */
  readonly canRecover: boolean;
  readonly code: RefusalCode;
  readonly reason: string;
  readonly canRetry: boolean;
  /** Whether another method can send a code. */
  readonly canUseOtherMethod: boolean;
  /** Whether a code that was sent before can still be typed on the code page. */
  readonly canEnterCode: boolean;
  /** URL of the sign-in page, if the session has ended; `undefined` for all other reasons. */
  readonly loginUrl: string | undefined;
}

/** Variables of each template, in addition to {@link BaseModel}. */
export interface ViewModels {
  readonly start: StartModel;
  readonly verify: VerifyModel;
  readonly register: NumberModel;
  readonly change: NumberModel;
  readonly success: SuccessModel;
  readonly failed: FailedModel;
  readonly recovery: RecoveryModel;
  readonly 'recovery-codes': RecoveryCodesModel;
  readonly security: SecurityModel;
}

/** Name of a template, without `.html`. */
export type ViewName = keyof ViewModels;
