import type { NumberOutcome, Refusal } from '../common/outcome.js';
import { CHANGE_MAX_AGE_SECONDS } from '../core/step/max-age.js';
import { destinationUrl, goToLogin } from './destination.js';
import { goToFailed } from './failed-page.js';
import { NOTHING_TYPED, type NumberView, numberForm, type TypedForm, typedBefore } from './number-form.js';
import type { PageRequest } from './page-request.js';
import { goTo, type Reply, redirect, redirectRefused } from './reply.js';
import { sendRefused } from './start-page.js';

/** `GET /register`: the form for a first number. */
export async function showRegister<TUser>(request: PageRequest<TUser>): Promise<Reply> {
  const { context, twoFactor } = request;
  // The start page asks a user with an address for a code, and says if nothing can be done.
  if (!(await twoFactor.registration.canRegister(context))) return goTo('/');
  return numberForm(request, 'register', typedBefore(request, 'register'));
}

/** `POST /register`: takes a first number. */
export async function register<TUser>(request: PageRequest<TUser>): Promise<Reply> {
  const typed = readForm(request);
  return numberTaken(request, 'register', typed, await request.twoFactor.registration.register(request.context, typed));
}

/** `POST /skip`: leaves registration for later. */
export async function skip<TUser>(request: PageRequest<TUser>): Promise<Reply> {
  const refusal = await request.twoFactor.registration.skip(request.context);
  if (refusal) return goToFailed(request, refusal);
  // The success page is for verified users only.
  const next = await destinationUrl(request);
  return redirect(next === request.to('/success') ? `${request.settings.basePath}/` : next, 'skipped');
}

/** `GET /change`: the form for another number. */
export async function showChange<TUser>(request: PageRequest<TUser>): Promise<Reply> {
  const refusal = await request.twoFactor.registration.changeRefusal(request.context);
  return refusal ? changeRefused(request, refusal) : numberForm(request, 'change', typedBefore(request, 'change'));
}

/** `POST /change`: takes another number. */
export async function change<TUser>(request: PageRequest<TUser>): Promise<Reply> {
  const typed = readForm(request);
  return numberTaken(request, 'change', typed, await request.twoFactor.registration.change(request.context, typed));
}

/** The application refused a number whose code was correct: shows the form again, with the message of the application. */
export async function numberRejected<TUser>(
  request: PageRequest<TUser>,
  refusal: Refusal,
  phoneNumber: string,
): Promise<Reply> {
  const view = request.context.session.verification ? 'change' : 'register';
  return numberForm(request, view, { ...NOTHING_TYPED, phoneNumber }, refusal);
}

async function numberTaken<TUser>(
  request: PageRequest<TUser>,
  view: NumberView,
  typed: TypedForm,
  outcome: NumberOutcome,
): Promise<Reply> {
  switch (outcome.type) {
    case 'sent':
      return goTo('/verify', 'sent');
    case 'numberAccepted':
      return goTo('/', 'numberAccepted');
    case 'refused':
      return numberRefused(request, view, typed, outcome);
  }
}

async function numberRefused<TUser>(
  request: PageRequest<TUser>,
  view: NumberView,
  typed: TypedForm,
  refusal: Refusal,
): Promise<Reply> {
  if (refusal.advice === 'otherNumber') return numberForm(request, view, typed, refusal);
  switch (refusal.code) {
    case 'number_invalid':
    case 'number_refused':
    case 'country_refused':
    case 'method_unknown':
      return numberForm(request, view, typed, refusal);
    case 'login_required':
    case 'verification_required':
      return changeRefused(request, refusal);
    default:
      return sendRefused(request, refusal);
  }
}

/** A change needs a recent verification: the user enters a code sent to the current number, then returns to the form. */
async function changeRefused<TUser>(request: PageRequest<TUser>, refusal: Refusal): Promise<Reply> {
  if (refusal.code === 'login_required') return goToLogin(request, refusal);
  if (refusal.code !== 'verification_required') return goToFailed(request, refusal);
  const { context, to } = request;
  await context.session.setReturnTo({ path: to('/change'), age: CHANGE_MAX_AGE_SECONDS });
  return redirectRefused('/', refusal);
}

function readForm<TUser>({ field }: PageRequest<TUser>): TypedForm {
  return {
    phoneNumber: field('phoneNumber') ?? '',
    country: field('country') || undefined,
    method: field('method') || undefined,
  };
}
