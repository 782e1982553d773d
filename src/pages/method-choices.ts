import type { ShownAddress } from '../common/address.js';
import type { Method } from '../common/methods.js';
import type { MethodChoice } from './models.js';
import type { PageRequest } from './page-request.js';

/** How a method is shown on the pages. */
export async function methodChoice<TUser>(
  { settings, texts }: PageRequest<TUser>,
  method: Method,
  address: ShownAddress,
): Promise<MethodChoice> {
  const display = await settings.methodDisplay({ method, locale: texts.language });
  return { method, ...address, icon: display?.icon, label: display?.label ?? texts.text(`method.${method}`) };
}
