import { countryOf, formatPhoneNumber, shownAddress } from '../common/address.js';
import { REFUSAL_STATUS, type Refusal } from '../common/outcome.js';
import { countryChoices } from './country-choices.js';
import { methodChoice } from './method-choices.js';
import type { PageRequest } from './page-request.js';
import { type Reply, show } from './reply.js';

/** A page with the form. */
export type NumberView = 'register' | 'change';

/** The fields of the form, as typed. */
export interface TypedForm {
  readonly phoneNumber: string;
  readonly country: string | undefined;
  readonly method: string | undefined;
}

/** An empty form. */
export const NOTHING_TYPED: TypedForm = { phoneNumber: '', country: undefined, method: undefined };

/** The number whose code is on its way, for a user who comes back to correct it. */
export function typedBefore<TUser>({ context, settings }: PageRequest<TUser>, view: NumberView): TypedForm {
  const { pending } = context.session;
  if (pending?.to === undefined || pending.purpose !== view) return NOTHING_TYPED;
  return {
    phoneNumber: formatPhoneNumber(pending.to),
    country: countryOf(pending.to, settings.allowedCountries),
    method: pending.sent?.method,
  };
}

/** The form for a new number, again with a reason if one was refused. */
export async function numberForm<TUser>(
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
    currentEnding: view === 'change' ? await currentEnding(request) : undefined,
    method: methods.find((method) => method === typed.method) ?? methods[0] ?? '',
    canSkip: view === 'register' && (await twoFactor.registration.canSkip(context)),
  };
  if (!refusal) return show(view, model);
  const field = refusal.code === 'method_unknown' ? 'method' : 'phoneNumber';
  return show(view, model, { status: REFUSAL_STATUS[refusal.code], error: { refusal, field } });
}

/** The last digits of the stored number, as the start page shows them. */
async function currentEnding<TUser>({ context, settings, twoFactor }: PageRequest<TUser>): Promise<string | undefined> {
  const stored = await twoFactor.registration.currentNumber(context);
  return stored && shownAddress(stored, false, settings.showLastDigits).ending;
}
