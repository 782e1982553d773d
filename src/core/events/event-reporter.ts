import { type Address, maskAddress } from '../../common/address.js';
import { causeCodeOf, type TwilioVerifyError } from '../../common/errors.js';
import type { Method } from '../../common/methods.js';
import type { Purpose, Refusal, VerificationInfo } from '../../common/outcome.js';
import { trace } from '../../common/trace.js';
import type { DeviceRecord } from '../../store/factor-record.js';
import type { Texts } from '../../texts/texts.js';
import type { TwilioCall } from '../../twilio/failure.js';
import type { Context, Subject } from '../step/context.js';
import type { BaseEvent } from './account-events.js';
import { localizedLabel, plainLabel } from './device-label.js';
import type { AuditRecord, Events } from './events.js';
import { inParagraphs, type SecurityNotice, type SecurityNotices } from './security-notices.js';

/** A verification, as events describe it. */
export interface VerificationDetails {
  readonly verificationSid: string;
  readonly method: Method;
  readonly purpose: Purpose;
}

/** A verification whose SID Twilio may not have named. */
type RejectionDetails = Omit<VerificationDetails, 'verificationSid'> & { readonly verificationSid?: string };

/** Who acts on an account, and why. */
export interface AdminAction {
  readonly actor: string;
  readonly reason: string;
}

/** Number of recovery codes left at which users are asked to create new ones. */
const FEW_CODES = 3;

/** Reports what happened: as an event for the app, and as an audit record for a log. */
export class EventReporter<TUser> {
  constructor(
    private readonly events: Events<TUser>,
    private readonly notices: SecurityNotices<TUser>,
    private readonly now: () => number,
  ) {}

  sent(context: Context<TUser>, details: VerificationDetails, address: Address) {
    this.events.emit('verificationSent', { ...this.base(context), ...details, ...recipient(address) });
    this.audit('verificationSent', context, { ...details, to: maskAddress(address) });
  }

  /** @param address - Recipient of the code, if one was sent. */
  approved(context: Context<TUser>, info: VerificationInfo, address: Address | undefined) {
    this.events.emit('verificationApproved', { ...this.base(context), ...info, ...(address && recipient(address)) });
    this.audit('verificationApproved', context, { ...info, ...(address && { to: maskAddress(address) }) });
  }

  rejected(
    context: Context<TUser>,
    details: RejectionDetails | { readonly by: 'recovery' },
    { code, attemptsLeft }: Refusal,
  ) {
    const rejection = { ...details, reason: code, ...(attemptsLeft === undefined ? {} : { attemptsLeft }) };
    this.events.emit('verificationRejected', { ...this.base(context), ...rejection });
    this.audit('verificationRejected', context, rejection);
  }

  canceled(context: Context<TUser>, details: VerificationDetails) {
    this.events.emit('verificationCanceled', { ...this.base(context), ...details });
    this.audit('verificationCanceled', context, details);
  }

  numberStored(context: Context<TUser>, purpose: Purpose, phoneNumber: string, previous: string | undefined) {
    const mask = (value: string) => maskAddress({ type: 'phone', value });
    const to = mask(phoneNumber);
    const isFirst = purpose === 'register';
    if (isFirst) {
      this.events.emit('phoneNumberRegistered', { ...this.base(context), phoneNumber });
      this.audit('phoneNumberRegistered', context, { to });
    } else {
      this.events.emit('phoneNumberChanged', { ...this.base(context), phoneNumber, previous });
      this.audit('phoneNumberChanged', context, { to, ...(previous ? { previous: mask(previous) } : {}) });
    }
    const kind = isFirst ? 'phoneNumberRegistered' : 'phoneNumberChanged';
    const digits = phoneNumber.slice(-4);
    this.notify(context, {
      kind,
      text: ({ text }) => text(`mail.${kind}.text`, { digits }),
      previousPhoneNumber: inE164(previous),
    });
  }

  recoveryCodesCreated(context: Context<TUser>, left: number) {
    this.events.emit('recoveryCodesCreated', { ...this.base(context), left });
    this.audit('recoveryCodesCreated', context, { left });
    this.notify(context, { kind: 'recoveryCodesCreated', text: ({ text }) => text('mail.recoveryCodesCreated.text') });
  }

  /** @param forgotten - The devices that were forgotten with it. */
  recoveryCodeUsed(context: Context<TUser>, left: number, forgotten: readonly DeviceRecord[]) {
    this.events.emit('recoveryCodeUsed', { ...this.base(context), left });
    this.audit('recoveryCodeUsed', context, { left });
    this.notify(context, {
      kind: 'recoveryCodeUsed',
      text: ({ text }) => inParagraphs(text('mail.recoveryCodeUsed.text', { left }), textOfForgotten(forgotten, text)),
    });
    this.devicesForgotten(context, forgotten);
    if (left > FEW_CODES) return;
    this.notify(context, {
      kind: 'recoveryCodesLow',
      text: ({ text }) => text('mail.recoveryCodesLow.text', { left }),
    });
  }

  deviceRemembered(context: Context<TUser>, device: DeviceRecord) {
    const { id } = device;
    const label = plainLabel(device);
    this.events.emit('deviceRemembered', { ...this.base(context), id, label });
    this.audit('deviceRemembered', context, { device: id, label });
    this.notify(context, {
      kind: 'deviceRemembered',
      text: ({ text }) => text('mail.deviceRemembered.text', { device: localizedLabel(device, text) }),
    });
  }

  /** @param action - Set if an administrator acted. */
  devicesForgotten(subject: Subject<TUser>, devices: readonly DeviceRecord[], action?: AdminAction) {
    const { user, req } = subject;
    const timestamp = new Date(this.now());
    for (const device of devices) {
      const details = { id: device.id, label: plainLabel(device), ...action };
      this.events.emit('deviceForgotten', { user, ...(req ? { req } : {}), timestamp, ...details });
      this.audit('deviceForgotten', subject, { device: device.id, label: details.label, ...action });
    }
  }

  /** Reports the guess that locked the user out. The guesses after it are only `rateLimited`. */
  lockedOut(context: Context<TUser>, refusal: Refusal) {
    this.notify(context, { kind: 'locked', text: (texts) => texts.refusal(refusal) });
  }

  /** @param forgotten - The devices that were forgotten with it. */
  reset(subject: Subject<TUser>, action: AdminAction, forgotten: readonly DeviceRecord[]) {
    this.admin('reset', subject, action);
    this.notify(subject, {
      kind: 'reset',
      text: ({ text }) => inParagraphs(text('mail.reset.text'), textOfForgotten(forgotten, text)),
    });
    this.devicesForgotten(subject, forgotten, action);
  }

  unlock(subject: Subject<TUser>, action: AdminAction) {
    this.admin('unlock', subject, action);
  }

  addressUnusable(subject: Subject<TUser>, addressType: Address['type']) {
    const { user, req } = subject;
    const timestamp = new Date(this.now());
    this.events.emit('addressUnusable', { user, ...(req ? { req } : {}), timestamp, addressType });
    this.audit('addressUnusable', subject, { addressType });
  }

  rateLimited(context: Context<TUser>, { code, retryAfterSeconds }: Refusal) {
    const details = { reason: code, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) };
    this.events.emit('rateLimited', { ...this.base(context), ...details });
    this.audit('rateLimited', context, details);
  }

  twilioRefused(context: Context<TUser>, call: TwilioCall, { code }: Refusal, twilioCode: number) {
    const details = { reason: code, twilioCode };
    this.events.emit('twilioError', { ...this.base(context), call, ...details });
    this.audit('twilioError', context, details);
  }

  twilioFailed(
    context: Context<TUser>,
    call: TwilioCall,
    error: TwilioVerifyError & { twilioCode?: number | undefined },
  ) {
    const details = {
      reason: 'unavailable' as const,
      ...(error.twilioCode === undefined ? {} : { twilioCode: error.twilioCode }),
    };
    this.events.emit('twilioError', { ...this.base(context), call, error, ...details });
    const cause = causeCodeOf(error);
    this.audit('twilioError', context, { ...details, reason: error.code, ...(cause === undefined ? {} : { cause }) });
  }

  private admin(name: 'reset' | 'unlock', subject: Subject<TUser>, { actor, reason }: AdminAction) {
    const { user, req } = subject;
    const timestamp = new Date(this.now());
    this.events.emit(name, { user, ...(req ? { req } : {}), timestamp, actor, reason });
    this.audit(name, subject, { actor, reason });
  }

  private notify(subject: Subject<TUser>, notice: SecurityNotice) {
    void this.notices.send(subject, notice);
  }

  private base({ user, req }: Context<TUser>): BaseEvent<TUser> {
    return { user, req, timestamp: new Date(this.now()) };
  }

  private audit(
    event: AuditRecord['event'],
    context: Subject<TUser>,
    details: Omit<AuditRecord, 'event' | 'at' | 'userId' | 'ip'>,
  ) {
    const { userId } = context;
    trace(`event ${event}`, { user: userId, ...details });
    if (!this.events.isHeard('audit')) return;
    const { ip } = context;
    const at = new Date(this.now()).toISOString();
    this.events.emit('audit', { event, at, userId, ...(ip ? { ip } : {}), ...details });
  }
}

function recipient({ type, value }: Address): { readonly phoneNumber: string } | { readonly email: string } {
  return type === 'phone' ? { phoneNumber: value } : { email: value };
}

function textOfForgotten(devices: readonly DeviceRecord[], text: Texts['text']): string | undefined {
  return devices.length > 0 ? text('notice.devices_forgotten') : undefined;
}

/** The number if a message can go there. */
function inE164(phoneNumber: string | undefined): string | undefined {
  return phoneNumber !== undefined && /^\+\d+$/.test(phoneNumber) ? phoneNumber : undefined;
}
