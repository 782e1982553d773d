import { shownAddress } from '../common/address.js';
import { REFUSAL_STATUS, type Refusal } from '../common/outcome.js';
import { isFirstNavigation } from '../request/first-navigation.js';
import { destinationUrl, exitUrl } from './destination.js';
import { goToFailed } from './failed-page.js';
import { methodChoice } from './method-choices.js';
import { numberForm, typedBefore } from './number-form.js';
import type { PageRequest } from './page-request.js';
import { goTo, type Reply, redirect, redirectRefused, show } from './reply.js';

/** `GET /`: the user chooses a method. */
export async function showStart<TUser>(request: PageRequest<TUser>): Promise<Reply> {
  const { context, twoFactor } = request;
  const { session } = context;
  // A verified user comes here from a route that requires a more recent verification.
  const isYoungEnough = twoFactor.access.isVerified(session.verification, session.returnTo?.age);
  if (isYoungEnough && !(await twoFactor.isChanging(context))) {
    return twoFactor.access.needsRecoveryCodes(context) ? goTo('/recovery-codes') : redirect(await exitUrl(request));
  }
  const next = await destinationUrl(request);
  switch ((await twoFactor.verifyByDevice(context)).type) {
    case 'verified':
      return redirect(next, 'approved');
    case 'verifiedElsewhere':
      session.detach();
      return redirect(next);
    case 'unknown':
      return startForm(request);
  }
}

/** `POST /`: sends the code by the method that was chosen. */
export async function startVerification<TUser>(request: PageRequest<TUser>): Promise<Reply> {
  const { context, twoFactor, field } = request;
  const method = field('method');
  // A form that posts itself has this field, and so has a click on its button.
  const isFirst = field('method', 'first') !== undefined;
  const outcome = await (isFirst ? twoFactor.startFirst(context, method) : twoFactor.start(context, method));
  return outcome.type === 'sent' ? goTo('/verify', 'sent') : sendRefused(request, outcome);
}

/** `POST /resend`: sends the pending code again. */
export async function resend<TUser>(request: PageRequest<TUser>): Promise<Reply> {
  const { context, twoFactor } = request;
  const outcome = await twoFactor.resend(context);
  if (outcome.type === 'refused') return sendRefused(request, outcome);
  await context.session.addNotice('code_sent_again');
  return goTo('/verify', 'sent');
}

/** `POST /cancel`: cancels the verification. */
export async function cancel<TUser>({ context, twoFactor }: PageRequest<TUser>): Promise<Reply> {
  await twoFactor.cancel(context);
  return goTo('/', 'canceled');
}

/** The answer to a code that was not sent: the form with a reason, or the failed page where no form helps. */
export async function sendRefused<TUser>(request: PageRequest<TUser>, refusal: Refusal): Promise<Reply> {
  const { context, twoFactor } = request;
  if (refusal.advice === 'support') return goToFailed(request, refusal);
  if (refusal.advice === 'otherNumber') {
    const view = context.session.pending?.purpose === 'change' ? 'change' : 'register';
    return numberForm(request, view, typedBefore(request, view), refusal);
  }
  switch (refusal.code) {
    case 'nothing_pending':
      return redirectRefused('/', refusal);
    case 'retry_later':
      // The code that was sent still works: the page with its field is the more useful one.
      return (await twoFactor.status(context)) ? redirectRefused('/verify', refusal) : startForm(request, refusal);
    case 'method_unknown':
    case 'method_unavailable':
    case 'landline':
    case 'opted_out':
    case 'busy':
      return startForm(request, refusal);
    default:
      return goToFailed(request, refusal);
  }
}

async function startForm<TUser>(request: PageRequest<TUser>, refusal?: Refusal): Promise<Reply> {
  const { context, twoFactor } = request;
  const available = await twoFactor.options(context);
  if (available.type === 'refused') {
    return (await twoFactor.registration.canRegister(context)) ? goTo('/register') : goToFailed(request, available);
  }
  const isNew = available.purpose !== 'signIn';
  const choices = await Promise.all(
    available.options.map(({ method, address }) =>
      methodChoice(request, method, shownAddress(address, isNew, request.settings.showLastDigits)),
    ),
  );
  const posted = request.field('method');
  const preferred = isNew ? undefined : await twoFactor.security.preferred(context, available.options);
  const chosen = choices.find(({ method }) => method === (posted ?? preferred)) ?? choices[0];
  const canEnterCode = (await twoFactor.status(context)) !== undefined;
  const { purpose } = available;
  const postsItself = purpose === 'signIn' && choices.length === 1 && !refusal && canPostItself(request);
  const canRecover = await twoFactor.canRecover(context);
  const model = { purpose, choices, method: chosen?.method ?? '', canEnterCode, postsItself, canRecover };
  if (!refusal) return show('start', model);
  return show('start', model, {
    status: REFUSAL_STATUS[refusal.code],
    error: { refusal, field: 'method' },
    retryAfterSeconds: refusal.retryAfterSeconds,
  });
}

/** Whether nothing has happened yet that the user should see before a code is sent. */
function canPostItself<TUser>({ context, to }: PageRequest<TUser>): boolean {
  const { session, req } = context;
  const { failure, manual } = session.trouble;
  const isUntouched = !session.pending && !failure && !manual && session.notices.length === 0;
  // Without this, a session store that loses the pending code would make the start and the code page a loop.
  return isUntouched && isFirstNavigation(req, [to('/'), to('/verify'), to('/failed')]);
}
