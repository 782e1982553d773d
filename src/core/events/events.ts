import { EventEmitter } from 'node:events';
import type { Address } from '../../common/address.js';
import type { TwilioVerifyError } from '../../common/errors.js';
import type { Method, VerifiedBy } from '../../common/methods.js';
import type { Purpose, RefusalCode, VerificationInfo } from '../../common/outcome.js';
import { nearestName } from '../../common/similar-name.js';
import type { TwilioCall } from '../../twilio/failure.js';
import type {
  AdminEvent,
  BaseEvent,
  DeviceForgottenEvent,
  DeviceRememberedEvent,
  RecoveryCodesCreatedEvent,
  RecoveryCodeUsedEvent,
  SecurityNoticeEvent,
} from './account-events.js';

/** Fields of every event about one verification. */
export interface VerificationEvent<TUser> extends BaseEvent<TUser> {
  readonly verificationSid: string;
  readonly method: Method;
  readonly purpose: Purpose;
  /** E.164; set unless the code went by e-mail. */
  readonly phoneNumber?: string;
  /** Set if the code went by e-mail. */
  readonly email?: string;
}

/** A session was verified. The fields of {@link VerificationInfo} about a code are missing if no code was sent. */
export interface VerificationApprovedEvent<TUser> extends BaseEvent<TUser>, VerificationInfo {
  /** E.164; missing unless a code went to this number. */
  readonly phoneNumber?: string;
  /** Missing unless a code went to this address. */
  readonly email?: string;
}

/** A code was wrong. */
export interface VerificationRejectedEvent<TUser> extends BaseEvent<TUser> {
  /** Only for a recovery code, which has no SID, method, or purpose. */
  readonly by?: 'recovery';
  /** Missing if another session of the user sent the code, and Twilio's answer doesn't name the verification. */
  readonly verificationSid?: string;
  readonly purpose?: Purpose;
  readonly method?: Method;
  /** `code_wrong`, even if that code also locked the user out. */
  readonly reason: RefusalCode;
  /** Wrong codes that are still allowed for this verification. */
  readonly attemptsLeft?: number;
}

/** A user has a first number. */
export interface PhoneNumberRegisteredEvent<TUser> extends BaseEvent<TUser> {
  /** E.164. */
  readonly phoneNumber: string;
}

/** A user has another number. Notify the user by another channel, as NIST SP 800-63B-4 requires. */
export interface PhoneNumberChangedEvent<TUser> extends BaseEvent<TUser> {
  /** The new number, in E.164. */
  readonly phoneNumber: string;
  /** The number that it replaces: E.164, or as your app stores it if it can't be read. */
  readonly previous: string | undefined;
}

/** A user has a stored phone number or email address that can't be read. Only your app can correct it. */
export interface AddressUnusableEvent<TUser> extends Omit<BaseEvent<TUser>, 'req'> {
  /** Missing if an administrator acted without a request. */
  readonly req?: BaseEvent<TUser>['req'];
  /** Which address: the one from `phoneNumber`, or the one from `email`. */
  readonly addressType: Address['type'];
}

/** A limit, ours or Twilio's, has refused something. */
export interface RateLimitedEvent<TUser> extends BaseEvent<TUser> {
  /** The refusal that the user got, which names the limit. */
  readonly reason: RefusalCode;
  /** `Infinity` when only `unlock` helps; `undefined` when Twilio refused and did not say. */
  readonly retryAfterSeconds?: number;
}

/** Twilio refused a call, or was unreachable. */
export interface TwilioErrorEvent<TUser> extends BaseEvent<TUser> {
  /** Which call failed. */
  readonly call: TwilioCall;
  /** Twilio's own code, if it returned one. */
  readonly twilioCode?: number;
  /**
   * The error to fix. Not set for an outcome that the user gets to see. Without an answer of Twilio's,
   * its `cause` has Node's error code as `code`.
   */
  readonly error?: TwilioVerifyError;
  /** The refusal that the user got. */
  readonly reason: RefusalCode;
}

/** One flat record per event, safe to log: ids and masked addresses, no code, no secret. */
export interface AuditRecord {
  readonly event: Exclude<EventName, 'audit' | 'securityNotice'>;
  /** ISO 8601. */
  readonly at: string;
  readonly userId: string;
  readonly ip?: string;
  /** Factor that verified the session. */
  readonly by?: VerifiedBy;
  readonly verificationSid?: string;
  readonly method?: Method;
  readonly purpose?: Purpose;
  /** Masked. */
  readonly to?: string;
  /** Masked. */
  readonly previous?: string;
  readonly reason?: string;
  readonly attemptsLeft?: number;
  readonly retryAfterSeconds?: number;
  readonly twilioCode?: number;
  /** Node's error code if Twilio couldn't be reached, such as `ECONNREFUSED`. */
  readonly cause?: string;
  readonly addressType?: Address['type'];
  /** Unused recovery codes. */
  readonly left?: number;
  /** The administrator who acted. */
  readonly actor?: string;
  /** ID of a remembered device. */
  readonly device?: string;
  /** Browser and operating system of that device. */
  readonly label?: string;
}

/** The events of a {@link TwilioVerifyStrategy} and what their listeners get. */
export interface TwilioVerifyEvents<TUser> {
  /** On every send, resends too. */
  verificationSent: VerificationEvent<TUser>;
  /** A session was verified, by any factor. */
  verificationApproved: VerificationApprovedEvent<TUser>;
  /** The code was wrong. Not emitted for an expired one, or while the user is locked out. */
  verificationRejected: VerificationRejectedEvent<TUser>;
  /** Canceled by the user, used up, or the address has changed. Registrations and changes aren't canceled at Twilio. */
  verificationCanceled: Omit<VerificationEvent<TUser>, 'phoneNumber' | 'email'>;
  /** A first number was stored. */
  phoneNumberRegistered: PhoneNumberRegisteredEvent<TUser>;
  /** Another number was stored. Notify the user by another channel. */
  phoneNumberChanged: PhoneNumberChangedEvent<TUser>;
  /** A stored address can't be read. Once per user, kind of address, and day. */
  addressUnusable: AddressUnusableEvent<TUser>;
  /** New recovery codes work, and older ones no longer do. */
  recoveryCodesCreated: RecoveryCodesCreatedEvent<TUser>;
  /** A recovery code was used up. */
  recoveryCodeUsed: RecoveryCodeUsedEvent<TUser>;
  /** A user chose to have a device remembered. */
  deviceRemembered: DeviceRememberedEvent<TUser>;
  /** A remembered device counts no longer. */
  deviceForgotten: DeviceForgottenEvent<TUser>;
  /** An administrator removed a user's factors and lockout. */
  reset: AdminEvent<TUser>;
  /** An administrator ended a user's lockout. */
  unlock: AdminEvent<TUser>;
  /** A limit, ours or Twilio's, has refused something. */
  rateLimited: RateLimitedEvent<TUser>;
  /** Twilio refused a call, or was unreachable. */
  twilioError: TwilioErrorEvent<TUser>;
  /** A message for the user: send it by another channel. */
  securityNotice: SecurityNoticeEvent<TUser>;
  /** Each of the others, except `securityNotice`, as one flat record that is safe to log. */
  audit: AuditRecord;
}

/** Name of an event. */
export type EventName = keyof TwilioVerifyEvents<unknown>;

/** All events, as an object so that the compiler reports a missing one. */
const EVENTS: Readonly<Record<EventName, true>> = {
  verificationSent: true,
  verificationApproved: true,
  verificationRejected: true,
  verificationCanceled: true,
  phoneNumberRegistered: true,
  phoneNumberChanged: true,
  addressUnusable: true,
  recoveryCodesCreated: true,
  recoveryCodeUsed: true,
  deviceRemembered: true,
  deviceForgotten: true,
  reset: true,
  unlock: true,
  rateLimited: true,
  twilioError: true,
  securityNotice: true,
  audit: true,
};

/** A listener; what it returns or throws changes nothing. */
export type Listener<TEvent> = (event: TEvent) => unknown;

/** Emits events. Listeners can't change the outcome. */
export class Events<TUser> {
  private readonly emitter = new EventEmitter();

  on<E extends EventName>(name: E, listener: Listener<TwilioVerifyEvents<TUser>[E]>): void {
    assertEventName(name);
    this.emitter.on(name, listener);
  }

  once<E extends EventName>(name: E, listener: Listener<TwilioVerifyEvents<TUser>[E]>): void {
    assertEventName(name);
    this.emitter.once(name, listener);
  }

  off<E extends EventName>(name: E, listener: Listener<TwilioVerifyEvents<TUser>[E]>): void {
    assertEventName(name);
    this.emitter.off(name, listener);
  }

  /** Whether anyone listens. If not, the event need not be built. */
  isHeard(name: EventName): boolean {
    return this.emitter.listenerCount(name) > 0;
  }

  emit<E extends EventName>(name: E, event: TwilioVerifyEvents<TUser>[E]): void {
    // Raw listeners: a `once` wrapper must be the thing that is called, or it would never be taken off.
    for (const listener of this.emitter.rawListeners(name)) {
      try {
        Promise.resolve(listener.call(this.emitter, event)).catch((reason) => warn(name, reason));
      } catch (thrown) {
        warn(name, thrown);
      }
    }
  }
}

/** A listener for a misspelled name would never hear of a lockout or a changed number. */
function assertEventName(name: string): void {
  if (Object.hasOwn(EVENTS, name)) return;
  const nearest = nearestName(String(name), Object.keys(EVENTS));
  throw new TypeError(`TwilioVerifyStrategy: unknown event "${String(name)}"; did you mean "${nearest}"?`);
}

function warn(name: EventName, thrown: unknown): void {
  const what = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : 'something that is not an Error';
  process.emitWarning(`A listener of "${name}" threw ${what}. The outcome stands.`, { code: 'TWILIO_VERIFY_LISTENER' });
}
