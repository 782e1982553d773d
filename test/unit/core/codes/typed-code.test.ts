import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readTypedCode } from '../../../../src/core/codes/typed-code.js';

interface Row {
  readonly name: string;
  readonly typed: string;
  readonly length?: number;
  readonly code: string | undefined;
}

const ROWS: readonly Row[] = [
  { name: 'six digits are a code', typed: '123456', code: '123456' },
  { name: 'spaces around the code are ignored', typed: ' \t123456\n', code: '123456' },
  { name: 'two groups of three are one code', typed: '123 456', code: '123456' },
  { name: 'hyphens and dashes join a code', typed: '12-34–56', code: '123456' },
  { name: 'single digits with spaces are one code', typed: '1 2 3 4 5 6', code: '123456' },
  { name: 'a thin and a no-break space join a code', typed: '123\u202f4\u00a056', code: '123456' },
  { name: 'a soft hyphen inside the code is ignored', typed: '123\u00ad456', code: '123456' },
  { name: 'marks of direction are ignored', typed: '\u2068123456\u2069\u200f', code: '123456' },
  { name: 'a zero-width space is ignored', typed: '123\u200b456', code: '123456' },
  { name: 'keycap emoji are digits', typed: '1\ufe0f\u20e32\ufe0f\u20e33456', code: '123456' },
  { name: 'full-width digits are digits', typed: '１２３４５６', code: '123456' },
  { name: 'Arabic digits in two groups are a code', typed: '١٢٣ ٤٥٦', code: '123456' },
  { name: 'Persian digits are digits', typed: '۱۲۳۴۵۶', code: '123456' },
  { name: 'Devanagari digits are digits', typed: '१२३४५६', code: '123456' },
  { name: 'digits beyond 16 bits are digits', typed: '𞥑𞥒𞥓𞥔𞥕𞥖', code: '123456' },
  { name: 'no-break spaces between all digits join a code', typed: [...'123456'].join('\u00a0'), code: '123456' },
  { name: 'soft hyphens between all digits are ignored', typed: [...'123456'].join('\u00ad'), code: '123456' },
  { name: 'hyphens between all digits join a code', typed: '1-2-3-4-5-6', code: '123456' },
  { name: 'a prefix with letters is ignored', typed: 'G-123456', code: '123456' },
  { name: 'a prefix before two groups is ignored', typed: 'G-123 456', code: '123456' },
  { name: 'a full stop after the code is ignored', typed: '123456.', code: '123456' },
  { name: 'brackets around the code are ignored', typed: '(123456)', code: '123456' },
  {
    name: 'a whole message is searched for the code',
    typed: 'Your Acme verification code is: 123456. It expires in 10 minutes.',
    code: '123456',
  },
  {
    name: 'a whole message is searched for a code in two groups',
    typed: 'Acme 2026: your code is 123 456, valid for 10 minutes',
    code: '123456',
  },
  { name: 'a year beside the code is not the code', typed: '123456 (2026)', code: '123456' },
  { name: 'two groups of six are no code', typed: '123456 654321', code: undefined },
  { name: 'the same code twice is no code', typed: '123456, 123456', code: undefined },
  { name: 'a code that was pasted twice is no code', typed: '123456123456', code: undefined },
  { name: 'eight digits alone are a code without a set length', typed: '12345678', code: '12345678' },
  { name: 'eight digits in two groups are a code without a set length', typed: '1234 5678', code: '12345678' },
  { name: 'the only group of 4 to 10 in a sentence is the code', typed: 'Code: 8765 (10 min)', code: '8765' },
  { name: 'two groups of 4 to 10 in a sentence are no code', typed: 'Code: 8765 or 87654', code: undefined },
  { name: 'three digits are no code', typed: '123', code: undefined },
  { name: 'four digits are a code without a set length', typed: '1234', code: '1234' },
  { name: 'ten digits are a code without a set length', typed: '1234567890', code: '1234567890' },
  { name: 'eleven digits are no code', typed: '12345678901', code: undefined },
  { name: 'an empty text is no code', typed: '', code: undefined },
  { name: 'spaces are no code', typed: '   ', code: undefined },
  { name: 'words are no code', typed: 'abcdef', code: undefined },
  { name: 'an exponent is no code', typed: '1e5', code: undefined },
  { name: 'two codes in a sentence are no code', typed: '123456 or 654321', code: undefined },
  { name: 'two groups of other lengths are no code', typed: 'x1234 x56789', code: undefined },
  { name: 'five digits are no code of six', typed: '12345', length: 6, code: undefined },
  { name: 'seven digits are no code of six', typed: '1234567', length: 6, code: undefined },
  { name: 'six digits are a code of six', typed: '123456', length: 6, code: '123456' },
  { name: 'six digits are no code of eight', typed: '123456', length: 8, code: undefined },
  { name: 'eight digits in two groups are a code of eight', typed: '1234-5678', length: 8, code: '12345678' },
  { name: 'the group of eight is the code of eight', typed: '123456 or 12345678', length: 8, code: '12345678' },
  { name: 'the group of four is the code of four', typed: 'Acme 123456: 8765', length: 4, code: '8765' },
  { name: 'two groups of four are no code of four', typed: '1234 5678', length: 4, code: undefined },
];

describe('readTypedCode', () => {
  for (const { name, typed, length, code } of ROWS) {
    it(name, () => assert.equal(readTypedCode(typed, length), code));
  }
});
