import { shownAddress } from '../address.js';
import { REFUSAL_STATUS, type Refusal } from '../outcome.js';
import { destination, goOn } from './destination.js';
import { goToFailed } from './failure.js';
import { methodChoice } from './method-choices.js';
import { numberRejected } from './number-pages.js';
import type { PageRequest } from './page-request.js';
import { type Reply, redirect, show } from './reply.js';

/** `GET /verify`: the form for the code. */
export async function showVerify<TUser>(request: PageRequest<TUser>): Promise<Reply> {
  return verifyForm(request);
}

/** `POST /verify`: checks the code. */
export async function checkCode<TUser>(request: PageRequest<TUser>): Promise<Reply> {
  const { context, settings, twoFactor, field, to } = request;
  const typed = field(settings.codeField) ?? '';
  const typedNumber = context.session.pending?.to;
  // Read before the check: success takes it out of the session.
  const next = await destination(request);
  const outcome = await twoFactor.check(context, typed);
  switch (outcome.type) {
    case 'approved':
      return redirect(outcome.purpose === 'change' ? to('/success') : next);
    case 'alreadyVerified':
      return goOn(request);
    case 'refused':
      return typedNumber !== undefined && outcome.code === 'number_rejected'
        ? numberRejected(request, outcome, typedNumber)
        : checkRefused(request, outcome, typed);
  }
}

async function checkRefused<TUser>(request: PageRequest<TUser>, refusal: Refusal, typed: string): Promise<Reply> {
  const { context, to } = request;
  switch (refusal.code) {
    case 'code_malformed':
    case 'code_wrong':
      return verifyForm(request, { refusal, typed });
    case 'busy':
      // Not judged, so it may be right: it must not stand in a page.
      return verifyForm(request, { refusal, typed: '' });
    case 'address_changed':
      context.session.addNotice('address_changed');
      return redirect(to('/'));
    case 'nothing_pending':
      return redirect(to('/'));
    default:
      return goToFailed(request, refusal);
  }
}

async function verifyForm<TUser>(
  request: PageRequest<TUser>,
  again?: { readonly refusal: Refusal; readonly typed: string },
): Promise<Reply> {
  const { context, settings, twoFactor, texts, to } = request;
  const { pending } = context.session;
  const now = settings.clock();
  if (pending?.sent && now >= pending.expiresAt) return goToFailed(request, { type: 'refused', code: 'code_expired' });
  const status = await twoFactor.status(context);
  if (!status) return redirect(to('/'));

  const reach = await twoFactor.options(context);
  const resendAfterSeconds = Math.max(0, Math.ceil((status.resendAt - now) / 1000));
  const model = {
    purpose: status.purpose,
    method: await methodChoice(
      request,
      status.method,
      shownAddress(status.address, status.purpose !== 'signIn', settings.showLastDigits),
    ),
    hasOtherMethods: 'routes' in reach && reach.routes.length > 1,
    codeField: settings.codeField,
    codeLength: settings.codeLength,
    typed: again?.typed ?? '',
    expiresIn: texts.duration((status.expiresAt - now) / 1000),
    resendAfterSeconds,
    resendAfter: texts.duration(resendAfterSeconds),
  };
  if (!again) return show('verify', model);
  return show('verify', model, {
    status: REFUSAL_STATUS[again.refusal.code],
    error: { refusal: again.refusal, field: 'code' },
    retryAfterSeconds: again.refusal.retryAfterSeconds,
  });
}
