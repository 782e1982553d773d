import { type Advice, type Refusal, type RefusalCode, refuse } from '../common/outcome.js';
import type { PageRequest } from './page-request.js';
import { goTo, type Reply, redirectRefused, show } from './reply.js';

/** Refusals that a second try cannot fix. */
const FINAL: readonly RefusalCode[] = [
  'no_method',
  'address_unusable',
  'registration_not_allowed',
  'change_not_allowed',
  'skip_not_allowed',
  'login_required',
];

/** Refusals that a recovery code doesn't help with. */
const NOT_BY_RECOVERY: readonly RefusalCode[] = [
  'locked',
  'recovery_unavailable',
  'refused_by_app',
  'change_not_allowed',
  'login_required',
];

/** Goes to the failed page, which finds the reason in the session. */
export async function goToFailed<TUser>({ context, settings }: PageRequest<TUser>, refusal: Refusal): Promise<Reply> {
  const { code, retryAfterSeconds, advice, message } = refusal;
  const retryAt = retryAfterSeconds === undefined ? undefined : settings.clock() + retryAfterSeconds * 1000;
  // JSON, in which sessions are kept, has no infinity.
  const stored = retryAt === undefined ? {} : { retryAt: Number.isFinite(retryAt) ? retryAt : null };
  const failure = { code, ...stored, ...withoutMissing({ advice, message }) };
  await context.session.setTrouble({ failure });
  return redirectRefused('/failed', refusal);
}

/** `GET /failed`: why, and whether a new try is worth it. */
export async function showFailed<TUser>({ context, settings, texts, twoFactor }: PageRequest<TUser>): Promise<Reply> {
  const { failure } = context.session.trouble;
  if (!failure) return goTo('/');
  const { code, retryAt, advice, message } = failure;
  const now = settings.clock();
  const retryAfterSeconds =
    retryAt === null ? Number.POSITIVE_INFINITY : Math.max(0, Math.ceil(((retryAt ?? now) - now) / 1000));
  const refusal = refuse(code, {
    ...(retryAfterSeconds > 0 ? { retryAfterSeconds } : {}),
    ...withoutMissing({ advice, message }),
  });
  const canRetry = retryAfterSeconds === 0 && advice === undefined && !FINAL.includes(code);
  const canUseOtherMethod = advice === 'otherMethod';
  // Too many sends, or Twilio out of reach: the code that was sent before still works.
  const canEnterCode = code !== 'address_unusable' && twoFactor.hasCode(context);
  const canRecover = !NOT_BY_RECOVERY.includes(code) && (await twoFactor.canRecover(context));
  const reason = texts.refusal(refusal);
  const model = { code, reason, canRetry, canUseOtherMethod, canEnterCode, canRecover, loginUrl: undefined };
  return show('failed', model, { retryAfterSeconds: retryAfterSeconds || undefined });
}

/** Under `exactOptionalPropertyTypes`, `undefined` isn't the same as missing. */
function withoutMissing({ advice, message }: { advice: Advice | undefined; message: string | undefined }) {
  return { ...(advice === undefined ? {} : { advice }), ...(message === undefined ? {} : { message }) };
}
