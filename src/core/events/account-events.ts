import type { Request } from 'express';

/** Fields of every event. */
export interface BaseEvent<TUser> {
  /** The user of the primary step. */
  readonly user: TUser;
  /** The request that made it happen. */
  readonly req: Request;
  /** When it happened, by the option `clock`. */
  readonly timestamp: Date;
}

/** A user has new recovery codes. */
export interface RecoveryCodesCreatedEvent<TUser> extends BaseEvent<TUser> {
  /** Codes in the new set. */
  readonly left: number;
}

/** A recovery code was used up, even if the `verify` callback then refuses the user. */
export interface RecoveryCodeUsedEvent<TUser> extends BaseEvent<TUser> {
  /** Unused codes. */
  readonly left: number;
}

/** A user chose to have a device remembered. */
export interface DeviceRememberedEvent<TUser> extends BaseEvent<TUser> {
  /** ID of the device, as `factors()` lists it. */
  readonly id: string;
  /** Browser and operating system, such as "Firefox on Windows". */
  readonly label: string;
}

/** A remembered device counts no longer: forgotten by its user or an administrator, or its factor changed. */
export interface DeviceForgottenEvent<TUser> extends Omit<DeviceRememberedEvent<TUser>, 'req'> {
  /** Missing if an administrator acted without a request. */
  readonly req?: Request;
  /** Set if an administrator acted: who it was. */
  readonly actor?: string;
  /** Set if an administrator acted: why. */
  readonly reason?: string;
}

/** An administrator acted on a user's account. */
export interface AdminEvent<TUser> {
  /** The user whose account it is. */
  readonly user: TUser;
  /** Missing if the administrator acted without a request. */
  readonly req?: Request;
  /** When it happened, by the option `clock`. */
  readonly timestamp: Date;
  /** Who acted, as given to the method. */
  readonly actor: string;
  /** Why, as given to the method. */
  readonly reason: string;
}

/** Subject of a {@link SecurityNoticeEvent}. */
export type NoticeKind =
  | 'phoneNumberRegistered'
  | 'phoneNumberChanged'
  | 'recoveryCodesCreated'
  | 'recoveryCodeUsed'
  | 'recoveryCodesLow'
  | 'deviceRemembered'
  | 'locked'
  | 'reset';

/**
 * A message for the user about a change of the factors, or about an attack. Send it by a channel that the change doesn't
 * affect, such as email: it's how users find out that someone else acts in their name (OWASP ASVS 6.3.7).
 */
export interface SecurityNoticeEvent<TUser> {
  readonly kind: NoticeKind;
  readonly user: TUser;
  /** Language of the text, BCP 47. */
  readonly locale: string;
  /** Subject line, as plain text. */
  readonly subject: string;
  /** Paragraphs of plain text, with an empty line in between. Contains no code and no whole phone number. */
  readonly text: string;
  /** The number before a change, in E.164: send the text there too. */
  readonly previousPhoneNumber?: string;
  /** When it happened, by the option `clock`. */
  readonly timestamp: Date;
  /** Missing if an administrator acted without a request. */
  readonly req?: Request;
}
