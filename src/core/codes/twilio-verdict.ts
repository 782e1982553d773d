import type { Address } from '../../common/address.js';
import { TwilioApiError } from '../../common/errors.js';
import { type Refusal, refuse } from '../../common/outcome.js';
import type { Pending, SentCode } from '../../session/session-record.js';
import type { VerifyApi } from '../../twilio/verify-api.js';
import type { EventReporter } from '../events/event-reporter.js';
import type { Context } from '../step/context.js';

/** A code that a user typed for a pending verification. */
export interface Attempt<TUser> {
  readonly context: Context<TUser>;
  readonly pending: Pending;
  readonly sent: SentCode;
  readonly address: Address;
  readonly code: string;
}

/** Twilio's verdict on a code. The SID is the one in the answer; a refused call has none. */
export type Verdict =
  | { readonly type: 'right'; readonly sid: string }
  | { readonly type: 'wrong'; readonly sid?: string }
  | Refusal;

/** Checks codes with Twilio: by the SID, or by the recipient if another session sent the code. */
export class TwilioVerdicts<TUser> {
  constructor(
    private readonly api: VerifyApi<TUser>,
    private readonly reporter: EventReporter<TUser>,
  ) {}

  async on({ context, pending, sent, address, code }: Attempt<TUser>): Promise<Verdict> {
    const { user, req } = context;
    try {
      const target = sent.sid === undefined ? { to: address.value } : { verificationSid: sent.sid };
      const result = await this.api.check({ user, req, purpose: pending.purpose }, target, code);
      if (result.type === 'refused') {
        const refusal = refuse(result.code);
        this.reporter.twilioRefused(context, 'check', refusal, result.twilioCode);
        if (result.code === 'too_many_checks' || result.code === 'busy') this.reporter.rateLimited(context, refusal);
        return result.code === 'code_wrong' ? wrong(sent.sid) : refusal;
      }
      const { status, sid, to } = result.answer;
      const isOurs = sid === (sent.sid ?? sid) && to.toLowerCase() === address.value.toLowerCase();
      if (status === 'pending') return wrong(isOurs ? sid : sent.sid);
      if (status === 'max_attempts_reached') return refuse('too_many_checks');
      if (status !== 'approved') return refuse('code_expired');
      return isOurs ? { type: 'right', sid } : refuse('address_changed');
    } catch (error) {
      if (error instanceof TwilioApiError) this.reporter.twilioFailed(context, 'check', error);
      throw error;
    }
  }
}

function wrong(sid: string | undefined): Verdict {
  return { type: 'wrong', ...(sid === undefined ? {} : { sid }) };
}
