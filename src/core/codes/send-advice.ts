import type { Advice, Purpose, Refusal, RefusalCode } from '../../common/outcome.js';
import type { DeliveryOption } from '../factors/delivery-options.js';

/** Refusals of a method: the same number can get a code another way. */
const OF_METHOD: readonly RefusalCode[] = ['landline', 'method_unavailable', 'opted_out'];

/** Refusals of a number. Twilio's blocks and permissions differ between messages and calls. */
const OF_NUMBER: readonly RefusalCode[] = ['number_invalid', 'address_refused', 'country_refused'];

/**
 * Adds to a refused send what the user can do. The reason alone doesn't tell: a user who signs in has no field for
 * another number, and a user with one method has no other.
 *
 * @param refused - The method and address that were refused.
 * @param options - All ways to send the code.
 */
export function withAdvice(
  refusal: Refusal,
  purpose: Purpose,
  refused: DeliveryOption,
  options: readonly DeliveryOption[],
): Refusal {
  const { code } = refusal;
  if (!OF_METHOD.includes(code) && !OF_NUMBER.includes(code)) return refusal;
  const advice = adviceOn(code, purpose, refused, options);
  return advice === undefined ? refusal : { ...refusal, advice };
}

function adviceOn(
  code: RefusalCode,
  purpose: Purpose,
  refused: DeliveryOption,
  options: readonly DeliveryOption[],
): Advice | undefined {
  const others = options.filter(
    ({ method, address }) =>
      method !== refused.method && (code !== 'number_invalid' || address.value !== refused.address.value),
  );
  const isNew = purpose !== 'signIn';
  if (others.length > 0 && (!isNew || OF_METHOD.includes(code))) return 'otherMethod';
  if (isNew) return 'otherNumber';
  // The user can opt in again, and then try again.
  return code === 'opted_out' ? undefined : 'support';
}
