import type { Request } from 'express';
import { refuse } from '../common/outcome.js';
import { sessionOf } from '../session/session-access.js';
import type { CodeError } from '../session/session-record.js';
import type { SessionState } from '../session/session-state.js';
import type { Texts } from '../texts/texts.js';
import type { ViewName } from './models.js';
import type { ViewReply } from './reply.js';

/** Views with a field for a code. */
const CODE_VIEWS: readonly ViewName[] = ['verify', 'recovery', 'recovery-codes'];

/** Texts that the next page shows once. */
export interface ShownOnce {
  /** The refusal of the code that was typed before this page. */
  readonly error: ViewReply['error'];
  readonly notices: readonly string[];
  readonly messages: readonly string[];
}

/** Takes what a page shows once out of the session. */
export async function takeShownOnce(
  reply: ViewReply,
  req: Request,
  session: SessionState,
  texts: Texts,
): Promise<ShownOnce> {
  const refused = CODE_VIEWS.includes(reply.view) && !reply.error ? await session.takeError() : undefined;
  const notices = await takeNotices(session, texts);
  const messages = await takeMessages(req, session);
  return { error: refused && errorOf(refused, reply), notices, messages };
}

/** Takes our own notices out of the session, as texts. */
export async function takeNotices(session: SessionState, texts: Texts): Promise<readonly string[]> {
  const notices = (await session.takeNotices()) ?? [];
  return notices.map((notice) => texts.text(`notice.${notice}`));
}

function errorOf({ code, remembers: _, ...details }: CodeError, reply: ViewReply): ViewReply['error'] {
  // Another session of the user may have tried codes since.
  const attemptsLeft = reply.view === 'verify' ? { attemptsLeft: reply.model.attemptsLeft } : {};
  return { refusal: refuse(code, { ...details, ...attemptsLeft }), field: 'code' };
}

/** Passport's messages, as `failureMessage` and `successMessage` leave them. */
async function takeMessages(req: Request, state: SessionState): Promise<readonly string[]> {
  const session = sessionOf(req);
  if (!Array.isArray(session.messages)) return [];
  await state.assertLive();
  const messages = session.messages.filter((message) => typeof message === 'string');
  delete session.messages;
  return messages;
}
