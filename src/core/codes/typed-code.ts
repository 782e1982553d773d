import { USUAL_CODE_LENGTH, withPlainDigits } from '../../common/digits.js';

/** Characters that people and apps put between the digits of one code. */
const SEPARATOR = /[\s\p{Pd}]+/gu;

/**
 * Finds the code in what the user typed or pasted, which can be a whole message: the only group of digits of the right
 * length. Also reads a code that is written in several groups, in the digits of any script.
 *
 * @param length - Length of the service's codes. If it's `undefined`, a group of 6 digits comes first, then one of 4 to 10.
 * @returns The digits; `undefined` if there is no such group, or more than one
 */
export function readTypedCode(typed: string, length: number | undefined): string | undefined {
  const text = withPlainDigits(typed).trim();
  const groups = text.match(/\d+/g) ?? [];
  const joined = (text.match(/\d+(?:[\s\p{Pd}]+\d+)*/gu) ?? []).map((group) => group.replace(SEPARATOR, ''));
  const wanted = length ?? USUAL_CODE_LENGTH;
  const found = [groups, joined].map((candidates) => candidates.filter((digits) => digits.length === wanted));
  const fitting = found.find((candidates) => candidates.length > 0);
  if (fitting) return onlyOne(fitting);
  if (length !== undefined) return undefined;
  // "1234 5678" is one code, but two groups in a sentence are two numbers.
  const isCodeAlone = /^\d+(?:[\s\p{Pd}]+\d+)*$/u.test(text);
  return onlyOne((isCodeAlone ? joined : groups).filter((digits) => /^\d{4,10}$/.test(digits)));
}

function onlyOne([first, second]: readonly string[]): string | undefined {
  return second === undefined ? first : undefined;
}
