import type { Address } from '../../common/address.js';
import { TwilioApiError } from '../../common/errors.js';
import { type Refusal, refuse } from '../../common/outcome.js';
import { LINE_TYPES, type LineType } from '../../twilio/values.js';
import type { VerifyApi } from '../../twilio/verify-api.js';
import type { EventReporter } from '../events/event-reporter.js';
import type { Context } from '../step/context.js';

/** Settings for line types. */
export interface LineTypeSettings {
  readonly allowedLineTypes: readonly LineType[] | undefined;
  readonly lookupUnavailable: 'refuse' | 'allow';
}

/** Checks the line type of a new number, which only Twilio Lookup knows. */
export class LineTypes<TUser> {
  constructor(
    private readonly settings: LineTypeSettings,
    private readonly api: VerifyApi<TUser>,
    private readonly reporter: EventReporter<TUser>,
  ) {}

  /** Refuses a number whose line type isn't allowed. Looks up nothing without `allowedLineTypes`. */
  async refusalOf(context: Context<TUser>, address: Address): Promise<Refusal | undefined> {
    const { allowedLineTypes, lookupUnavailable } = this.settings;
    if (!allowedLineTypes || address.type !== 'phone') return undefined;
    const type = await this.lookUp(context, address.value);
    if (type === undefined) return lookupUnavailable === 'allow' ? undefined : refuse('number_refused');
    return allowedLineTypes.includes(type) ? undefined : refuse('number_refused');
  }

  private async lookUp(context: Context<TUser>, phoneNumber: string): Promise<LineType | undefined> {
    try {
      const result = await this.api.lookup(context, phoneNumber);
      if (result.type === 'refused') {
        this.reporter.twilioRefused(context, 'lookup', refuse('number_refused'), result.twilioCode);
        return undefined;
      }
      return LINE_TYPES.find((type) => type === result.answer.lineTypeIntelligence?.type);
    } catch (error) {
      if (!(error instanceof TwilioApiError)) throw error;
      this.reporter.twilioFailed(context, 'lookup', error);
      return undefined;
    }
  }
}
