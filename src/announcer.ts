import { type Address, maskAddress } from './address.js';
import type { Context } from './context.js';
import type { TwilioVerifyError } from './errors.js';
import type { AuditRecord, BaseEvent, Events } from './events.js';
import type { Method } from './methods.js';
import type { Purpose, Refusal } from './outcome.js';
import { trace } from './trace.js';
import type { TwilioCall } from './twilio/failure.js';

/** One verification, as events tell of it. */
export interface Told {
  readonly verificationSid: string;
  readonly method: Method;
  readonly purpose: Purpose;
}

/** Says what happened, once as an event for programs and once as a record for a log. */
export class Announcer<TUser> {
  constructor(
    private readonly events: Events<TUser>,
    private readonly now: () => number,
  ) {}

  verification(
    name: 'verificationSent' | 'verificationApproved',
    context: Context<TUser>,
    told: Told,
    address: Address,
  ) {
    const to = address.type === 'phone' ? { phoneNumber: address.value } : { email: address.value };
    this.events.emit(name, { ...this.base(context), ...told, ...to });
    this.audit(name, context, { ...told, to: maskAddress(address) });
  }

  rejected(context: Context<TUser>, told: Told, { code, attemptsLeft }: Refusal) {
    const details = { ...told, reason: code, ...(attemptsLeft === undefined ? {} : { attemptsLeft }) };
    this.events.emit('verificationRejected', { ...this.base(context), ...details });
    this.audit('verificationRejected', context, details);
  }

  canceled(context: Context<TUser>, told: Told) {
    this.events.emit('verificationCanceled', { ...this.base(context), ...told });
    this.audit('verificationCanceled', context, told);
  }

  numberStored(context: Context<TUser>, purpose: Purpose, phoneNumber: string, previous: string | undefined) {
    const mask = (value: string) => maskAddress({ type: 'phone', value });
    const to = mask(phoneNumber);
    if (purpose === 'register') {
      this.events.emit('phoneNumberRegistered', { ...this.base(context), phoneNumber });
      this.audit('phoneNumberRegistered', context, { to });
    } else {
      this.events.emit('phoneNumberChanged', { ...this.base(context), phoneNumber, previous });
      this.audit('phoneNumberChanged', context, { to, ...(previous ? { previous: mask(previous) } : {}) });
    }
  }

  limited(context: Context<TUser>, { code, retryAfterSeconds }: Refusal) {
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
    this.audit('twilioError', context, { ...details, reason: error.code });
  }

  private base({ user, req }: Context<TUser>): BaseEvent<TUser> {
    return { user, req, timestamp: new Date(this.now()) };
  }

  private audit(
    event: AuditRecord['event'],
    context: Context<TUser>,
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
