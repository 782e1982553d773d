import type { PurposeContext, Setting } from '../../common/callback.js';
import { USUAL_CODE_LENGTH } from '../../common/digits.js';
import { type Purpose, type Refusal, refuse } from '../../common/outcome.js';
import { warnOnce } from '../../common/warn-once.js';
import type { Context } from '../step/context.js';
import { readTypedCode } from './typed-code.js';

/** Settings for reading codes. */
export interface CodeReaderSettings<TUser> {
  /** Length of the service's codes; `undefined` if the app didn't set it. */
  readonly codeLength: Setting<PurposeContext<TUser>, number | undefined>;
}

/** A code in the form that Twilio takes. */
export interface ReadCode {
  readonly type: 'read';
  readonly code: string;
}

/** Reads codes that users type. */
export class CodeReader<TUser> {
  constructor(private readonly settings: CodeReaderSettings<TUser>) {}

  /** Digits that the page names. */
  async length({ user, req }: Context<TUser>, purpose: Purpose): Promise<number> {
    return (await this.settings.codeLength({ user, req, purpose })) ?? USUAL_CODE_LENGTH;
  }

  /** Finds the code in a text. Refuses a text without one, so that a missing digit costs no attempt. */
  async read({ user, req }: Context<TUser>, purpose: Purpose, typed: string): Promise<ReadCode | Refusal> {
    const codeLength = await this.settings.codeLength({ user, req, purpose });
    const code = readTypedCode(typed, codeLength);
    if (code === undefined) return refuse('code_malformed', codeLength === undefined ? {} : { codeLength });
    if (code.length !== USUAL_CODE_LENGTH && codeLength === undefined) warnAboutLength(code.length);
    return { type: 'read', code };
  }
}

function warnAboutLength(typed: number): void {
  warnOnce(
    `A user typed a code of ${typed} digits, and the option "codeLength" isn't set: a code with a missing digit costs an ` +
      'attempt, and the page says that codes have 6 digits. Set codeLength: 6, or the code length of the Verify service.',
    { code: 'TWILIO_VERIFY_CODE_LENGTH_NOT_SET' },
  );
}
