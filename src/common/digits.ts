/** Length of a code unless the Verify service is set up otherwise. */
export const USUAL_CODE_LENGTH = 6;

/** Characters that are invisible in a text: soft hyphens, marks of direction, joiners, variation selectors. */
const INVISIBLE = /[\p{Cf}\p{M}]/gu;

/** Returns a text with digits of every script as 0 to 9, compatibility forms as plain ones, and nothing invisible. */
export function withPlainDigits(text: string): string {
  return text
    .normalize('NFKC')
    .replace(INVISIBLE, '')
    .replace(/(?!\d)\p{Nd}/gu, plainDigit);
}

function plainDigit(digit: string): string {
  // The ten digits of a script are consecutive, so the value is the distance from its zero.
  const point = digit.codePointAt(0) ?? 0;
  let zero = point;
  while (point - zero < 9 && /\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return String((point - zero) % 10);
}
