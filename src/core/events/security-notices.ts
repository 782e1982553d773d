import { warnOnce } from '../../common/warn-once.js';
import type { TextLibrary, Texts } from '../../texts/texts.js';
import type { Subject } from '../step/context.js';
import type { NoticeKind } from './account-events.js';
import type { Events } from './events.js';

/** Settings for notices. */
export interface NoticeSettings {
  readonly texts: TextLibrary;
  readonly isProduction: boolean;
}

/** A notice before its text is in the user's language. */
export interface SecurityNotice {
  readonly kind: NoticeKind;
  /** The sentences about what happened. Advice follows. */
  readonly text: (texts: Texts) => string;
  readonly previousPhoneNumber?: string | undefined;
}

/** Writes messages to users about changes of their factors, for the app to send by another channel. */
export class SecurityNotices<TUser> {
  constructor(
    private readonly settings: NoticeSettings,
    private readonly events: Events<TUser>,
    private readonly now: () => number,
  ) {}

  /** Emits a notice. It never rejects: what happened has happened. */
  async send(subject: Subject<TUser>, notice: SecurityNotice): Promise<void> {
    if (!this.events.isHeard('securityNotice')) {
      if (this.settings.isProduction) warnAboutSilence(notice.kind);
      return;
    }
    const timestamp = new Date(this.now());
    const texts = await this.textsFor(subject);
    const { kind, previousPhoneNumber } = notice;
    const { user, req } = subject;
    this.events.emit('securityNotice', {
      kind,
      user,
      locale: texts.language,
      subject: texts.text(`mail.${kind}.subject`),
      text: inParagraphs(notice.text(texts), adviceFor(kind, texts)),
      timestamp,
      ...(previousPhoneNumber === undefined ? {} : { previousPhoneNumber }),
      ...(req ? { req } : {}),
    });
  }

  private async textsFor(subject: Subject<TUser>): Promise<Texts> {
    const { texts } = this.settings;
    // A notice in English is better than none.
    return texts.for(await subject.locale().catch(() => texts.negotiate()));
  }
}

/** A user who is short of codes used them. All other notices can be about an attacker. */
function adviceFor(kind: NoticeKind, texts: Texts): string | undefined {
  return kind === 'recoveryCodesLow' ? undefined : texts.text('mail.notYou');
}

/** Joins the parts of a message, with an empty line between them. */
export function inParagraphs(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined).join('\n\n');
}

function warnAboutSilence(kind: NoticeKind): void {
  warnOnce(
    `A user should be told of a change ("${kind}"), but no one listens to the event "securityNotice". Add ` +
      "twoFactor.on('securityNotice', ({ user, subject, text }) => …), and send the text by email.",
    { code: 'TWILIO_VERIFY_NOTICE' },
  );
}
