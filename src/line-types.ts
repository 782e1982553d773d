import type { Address } from './address.js';
import type { Announcer } from './announcer.js';
import type { Context } from './context.js';
import { TwilioFaultError } from './errors.js';
import { type Refusal, refuse } from './outcome.js';
import type { Settings } from './settings.js';
import { LINE_TYPES, type LineType } from './twilio/values.js';
import type { VerifyApi } from './twilio/verify-api.js';

/** Judges a new number by the kind of its line, which the number alone does not tell: Twilio Lookup does. */
export class LineTypes<TUser> {
  constructor(
    private readonly settings: Settings<TUser>,
    private readonly api: VerifyApi<TUser>,
    private readonly announcer: Announcer<TUser>,
  ) {}

  /** The refusal of a number whose line is of a kind that is not allowed. Without `allowedLineTypes` nothing is asked. */
  async judge(context: Context<TUser>, address: Address): Promise<Refusal | undefined> {
    const { allowedLineTypes, lookupUnavailable } = this.settings;
    if (!allowedLineTypes || address.type !== 'phone') return undefined;
    const type = await this.ask(context, address.value);
    if (type === undefined) return lookupUnavailable === 'allow' ? undefined : refuse('number_refused');
    return allowedLineTypes.includes(type) ? undefined : refuse('number_refused');
  }

  private async ask(context: Context<TUser>, phoneNumber: string): Promise<LineType | undefined> {
    try {
      const answer = await this.api.lookup(context, phoneNumber);
      if ('twilioCode' in answer) {
        this.announcer.twilioRefused(context, 'lookup', refuse('number_refused'), answer.twilioCode);
        return undefined;
      }
      return LINE_TYPES.find((type) => type === answer.lineTypeIntelligence?.type);
    } catch (error) {
      if (!(error instanceof TwilioFaultError)) throw error;
      this.announcer.twilioFailed(context, 'lookup', error);
      return undefined;
    }
  }
}
