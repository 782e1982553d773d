/** Extracts the digits of a code from what the user typed: with spaces or hyphens, in the digits of any script. */
export function readTypedCode(typed: string): string | undefined {
  const code = toAsciiDigits(typed.normalize('NFKC')).replace(
    /[\s\p{Pd}\u200B-\u200F\u202A-\u202E\u2066-\u2069\uFEFF]/gu,
    '',
  );
  return /^\d{4,10}$/.test(code) ? code : undefined;
}

function toAsciiDigits(text: string): string {
  return text.replace(/(?!\d)\p{Nd}/gu, (digit) => {
    // The ten digits of a script are consecutive, so the value is the distance from its zero.
    const point = digit.codePointAt(0) ?? 0;
    let zero = point;
    while (point - zero < 9 && /\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
    return String((point - zero) % 10);
  });
}
