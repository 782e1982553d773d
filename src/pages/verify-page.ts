import { shownAddress } from '../common/address.js';
import { type Refusal, refuse } from '../common/outcome.js';
import { destinationUrl, redirectVerified } from './destination.js';
import { goToFailed } from './failed-page.js';
import { methodChoice } from './method-choices.js';
import { numberRejected } from './number-pages.js';
import type { PageRequest } from './page-request.js';
import { offersCodes } from './recovery-codes-page.js';
import { goTo, type Reply, redirect, redirectRefused, show } from './reply.js';

/** `GET /verify`: the form for the code. */
export async function showVerify<TUser>(request: PageRequest<TUser>): Promise<Reply> {
  const { context, settings, twoFactor } = request;
  const now = settings.clock();
  if (twoFactor.isCodeExpired(context)) return goToFailed(request, refuse('code_expired'));
  const status = await twoFactor.status(context);
  if (!status) return redirectRefused('/', refuse('nothing_pending'));

  const isSignIn = status.purpose === 'signIn' && !twoFactor.access.isVerified(context.session.verification);
  const canRemember = isSignIn && twoFactor.devices.canRemember(context);
  const resendAfterSeconds = Math.max(0, Math.ceil((status.resendAt - now) / 1000));
  return show('verify', {
    purpose: status.purpose,
    method: await methodChoice(
      request,
      status.method,
      shownAddress(status.address, status.purpose !== 'signIn', settings.showLastDigits),
    ),
    hasOtherMethods: status.hasOtherMethods,
    canRecover: await twoFactor.canRecover(context),
    codeField: settings.codeField,
    codeLength: status.codeLength,
    expiresAt: new Date(status.expiresAt),
    resendAt: new Date(status.resendAt),
    attemptsLeft: status.attemptsLeft,
    isJoined: status.isJoined,
    rememberDays: canRemember ? twoFactor.devices.days : undefined,
    rememberDevice: canRemember && context.session.trouble.error?.remembers === true,
    expiresInSeconds: (status.expiresAt - now) / 1000,
    resendAfterSeconds,
  });
}

/** `POST /verify`: checks the code. */
export async function checkCode<TUser>(request: PageRequest<TUser>): Promise<Reply> {
  const { context, settings, twoFactor, field } = request;
  const typed = field('code', settings.codeField) ?? '';
  const typedNumber = context.session.pending?.to;
  // Read before the check: success takes it out of the session.
  const next = await destinationUrl(request);
  // A form from before the app turned it off, or over plain http, is no reason to refuse the code.
  const rememberDevice = request.isChecked('rememberDevice') && twoFactor.devices.canRemember(context);
  const outcome = await twoFactor.check(context, typed, { rememberDevice });
  switch (outcome.type) {
    case 'approved':
      if (outcome.purpose === 'change') return goTo('/success', 'approved');
      return (await offersCodes(request, outcome.purpose))
        ? goTo('/recovery-codes', 'approved')
        : redirect(next, 'approved');
    case 'alreadyVerified':
      return redirectVerified(request);
    case 'usedBefore':
      context.session.detach();
      return redirect(next, 'alreadyVerified');
    case 'refused':
      return typedNumber !== undefined && outcome.code === 'number_rejected'
        ? numberRejected(request, outcome, typedNumber)
        : checkRefused(request, outcome, rememberDevice);
  }
}

async function checkRefused<TUser>(
  request: PageRequest<TUser>,
  refusal: Refusal,
  rememberDevice: boolean,
): Promise<Reply> {
  const { context } = request;
  switch (refusal.code) {
    case 'code_malformed':
    case 'code_wrong':
    case 'busy':
      return { ...redirectRefused('/verify', refusal, 'code'), rememberDevice };
    case 'address_changed':
      await context.session.addNotice('address_changed');
      return redirectRefused('/', refusal);
    case 'nothing_pending':
      return redirectRefused('/', refusal);
    default:
      return goToFailed(request, refusal);
  }
}
