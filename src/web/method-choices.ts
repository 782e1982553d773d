import { type Address, formatPhoneNumber, maskAddress } from '../address.js';
import type { Method } from '../methods.js';
import type { MethodChoice } from './models.js';
import type { PageRequest } from './page-request.js';

/** How a method is shown on the pages. */
export async function methodChoice<TUser>(
  { settings, texts }: PageRequest<TUser>,
  method: Method,
  to: string,
): Promise<MethodChoice> {
  const display = await settings.methodDisplay({ method, locale: texts.language });
  return { method, to, icon: display?.icon, label: display?.label ?? texts.text(`method.${method}`) };
}

/** Enough of an address for its owner; the whole of a number that is being registered, for finding a slip in it. */
export function shownAddress(address: Address, isNew: boolean): string {
  return isNew && address.type === 'phone' ? formatPhoneNumber(address.value) : maskAddress(address);
}
