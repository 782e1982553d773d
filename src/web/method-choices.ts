import { type Address, formatPhoneNumber, maskAddress } from '../address.js';
import type { Method } from '../methods.js';
import type { MethodChoice } from './models.js';
import type { PageRequest } from './page-request.js';

/** An address as it is shown, in one piece and in words. */
export type ShownAddress = Pick<MethodChoice, 'to' | 'ending'>;

/** How a method is shown on the pages. */
export async function methodChoice<TUser>(
  { settings, texts }: PageRequest<TUser>,
  method: Method,
  address: ShownAddress,
): Promise<MethodChoice> {
  const display = await settings.methodDisplay({ method, locale: texts.language });
  return { method, ...address, icon: display?.icon, label: display?.label ?? texts.text(`method.${method}`) };
}

/** Enough of an address for its owner; the whole of a number that is being registered, for finding a slip in it. */
export function shownAddress(address: Address, isNew: boolean, showLastDigits: boolean): ShownAddress {
  if (!isNew && !showLastDigits) return { to: '', ending: undefined };
  if (address.type === 'email') return { to: maskAddress(address), ending: undefined };
  if (isNew) return { to: formatPhoneNumber(address.value), ending: undefined };
  return { to: maskAddress(address), ending: address.value.slice(-4) };
}
