import type { PurposeContext, Setting } from '../common/callback.js';
import { warnOnce } from '../common/warn-once.js';
import * as is from './option-kinds.js';
import type { OptionReader } from './option-reader.js';
import type { TwilioVerifyStrategyOptions } from './options.js';

/** Digits: the minimum in NIST SP 800-63B-4. */
const MIN_SAFE_LENGTH = 6;

/** Reads the option `codeLength`, and warns about a short one: at construction, or when its callback returns it. */
export function codeLengthSetting<TUser>(
  read: OptionReader<Pick<TwilioVerifyStrategyOptions<TUser>, 'codeLength'>>,
  given: TwilioVerifyStrategyOptions<TUser>['codeLength'],
): Setting<PurposeContext<TUser>, number | undefined> {
  const setting = read.setting('codeLength', is.integer(4, 10), undefined);
  if (typeof given !== 'function') {
    warnIfShort(given);
    return setting;
  }
  return async (context) => {
    const length = await setting(context);
    warnIfShort(length);
    return length;
  };
}

function warnIfShort(length: number | null | undefined): void {
  if ((length ?? MIN_SAFE_LENGTH) >= MIN_SAFE_LENGTH) return;
  warnOnce(
    'Codes have fewer than 6 digits, so guessing one is 10 times easier with each digit that is missing. Set the code ' +
      'length of the Verify service to 6 or more in the Twilio Console, and option "codeLength" to the same number.',
    { code: 'TWILIO_VERIFY_CODE_LENGTH' },
  );
}
