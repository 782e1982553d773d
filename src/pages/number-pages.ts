import { countryOf, formatPhoneNumber } from '../common/address.js';
import type { NumberOutcome, Refusal } from '../common/outcome.js';
import { REFUSAL_STATUS } from '../common/outcome.js';
import { CHANGE_MAX_AGE_SECONDS } from '../core/registration.js';
import { countryChoices } from './country-choices.js';
import { destinationUrl } from './destination.js';
import { goToFailed } from './failed-page.js';
import { methodChoice } from './method-choices.js';
import type { PageRequest } from './page-request.js';
import { goTo, type Reply, redirect, redirectRefused, show } from './reply.js';
import { sendRefused } from './start-page.js';

type NumberView = 'register' | 'change';

/** What was typed into the form. */
interface TypedForm {
  readonly phoneNumber: string;
  readonly country: string | undefined;
  readonly method: string | undefined;
}

const NOTHING_TYPED: TypedForm = { phoneNumber: '', country: undefined, method: undefined };

/** `GET /register`: the form for a first number. */
export async function showRegister<TUser>(request: PageRequest<TUser>): Promise<Reply> {
  const { context, twoFactor } = request;
  // Whoever has an address is asked for a code; the start page also says so where nothing can be done.
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
  return redirect(next === request.to('/success') ? '/' : next, 'skipped');
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

/** The application refused a number whose code was right: the form again, with what it said. */
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
  switch (refusal.code) {
    case 'number_invalid':
    case 'number_refused':
    case 'country_refused':
    case 'address_refused':
    case 'method_unknown':
      return numberForm(request, view, typed, refusal);
    case 'verification_required':
      return changeRefused(request, refusal);
    default:
      return sendRefused(request, refusal);
  }
}

/** A change needs a young verification: first the code to the number that there is, then back to the form. */
async function changeRefused<TUser>(request: PageRequest<TUser>, refusal: Refusal): Promise<Reply> {
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

/** A number whose code is on its way, for whoever comes back to correct it. */
function typedBefore<TUser>({ context }: PageRequest<TUser>, view: NumberView): TypedForm {
  const { pending } = context.session;
  if (pending?.to === undefined || pending.purpose !== view) return NOTHING_TYPED;
  return {
    phoneNumber: formatPhoneNumber(pending.to),
    country: countryOf(pending.to),
    method: pending.sent?.method,
  };
}

async function numberForm<TUser>(
  request: PageRequest<TUser>,
  view: NumberView,
  typed: TypedForm,
  refusal?: Refusal,
): Promise<Reply> {
  const { context, twoFactor } = request;
  const methods = await twoFactor.registration.newNumberMethods(context);
  const model = {
    countries: countryChoices(request, typed.country),
    choices: await Promise.all(methods.map((method) => methodChoice(request, method, { to: '', ending: undefined }))),
    phoneNumber: typed.phoneNumber,
    method: methods.find((method) => method === typed.method) ?? methods[0] ?? '',
    canSkip: view === 'register' && (await twoFactor.registration.canSkip(context)),
  };
  if (!refusal) return show(view, model);
  const field = refusal.code === 'method_unknown' ? 'method' : 'phoneNumber';
  return show(view, model, { status: REFUSAL_STATUS[refusal.code], error: { refusal, field } });
}
