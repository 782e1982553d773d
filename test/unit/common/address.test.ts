import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type CountryCode, getExampleNumber } from 'libphonenumber-js/max';
import examples from 'libphonenumber-js/mobile/examples';
import {
  callingCode,
  countries,
  countryOf,
  formatPhoneNumber,
  isEmailAddress,
  maskAddress,
  readPhoneNumber,
  readStoredEmail,
  readStoredPhoneNumber,
} from '../../../src/common/address.js';

describe('readPhoneNumber', () => {
  const accepted = [
    { name: 'E.164', typed: '+12025550123', country: 'US', value: '+12025550123' },
    { name: 'the national form', typed: '(202) 555-0123', country: 'US', value: '+12025550123' },
    { name: 'a trunk prefix', typed: '020 7946 0958', country: 'GB', value: '+442079460958' },
    { name: 'the prefix of a call abroad', typed: '011 44 20 7946 0958', country: 'US', value: '+442079460958' },
    { name: 'spaces, dots and hyphens', typed: ' +1 202.555-0123 ', country: 'DE', value: '+12025550123' },
    { name: 'a + that outweighs the country', typed: '+49 1512 3456789', country: 'US', value: '+4915123456789' },
    { name: 'an Italian landline with its zero', typed: '06 1234 5678', country: 'IT', value: '+390612345678' },
    { name: 'Arabic digits', typed: '+١٢٠٢٥٥٥٠١٢٣', country: 'US', value: '+12025550123' },
    { name: 'full-width digits', typed: '＋１２０２５５５０１２３', country: 'US', value: '+12025550123' },
    { name: 'a landline', typed: '+81312345678', country: 'US', value: '+81312345678' },
    { name: 'Devanagari digits', typed: '२०२ ५५५ ०१२३', country: 'US', value: '+12025550123' },
    { name: 'Thai digits', typed: '+๑ ๒๐๒ ๕๕๕ ๐๑๒๓', country: 'US', value: '+12025550123' },
    { name: 'Adlam digits, beyond 16 bits', typed: '𞥒𞥐𞥒𞥕𞥕𞥕𞥐𞥑𞥒𞥓', country: 'US', value: '+12025550123' },
    { name: 'a thin space', typed: '+33\u20096\u200912\u200934\u200956\u200978', country: 'US', value: '+33612345678' },
    {
      name: 'a narrow no-break space',
      typed: '06\u202f12\u202f34\u202f56\u202f78',
      country: 'FR',
      value: '+33612345678',
    },
    { name: 'a no-break space', typed: '+1\u00a0202\u00a0555\u00a00123', country: 'US', value: '+12025550123' },
    { name: 'marks of direction around it', typed: '\u202a+12025550123\u202c', country: 'DE', value: '+12025550123' },
    {
      name: 'marks of direction inside it',
      typed: '+1\u200e 202\u2068 555\u2069 0123',
      country: 'DE',
      value: '+12025550123',
    },
    { name: 'a soft hyphen', typed: '202\u00ad555\u00ad0123', country: 'US', value: '+12025550123' },
    { name: 'a zero-width space', typed: '202\u200b555\u200b0123', country: 'US', value: '+12025550123' },
  ];
  for (const { name, typed, country, value } of accepted) {
    it(`reads ${name}`, () => assert.deepEqual(readPhoneNumber(typed, country), { type: 'phone', value }));
  }

  const refused = [
    { name: 'nothing', typed: '', code: 'number_invalid' },
    { name: 'letters', typed: 'call me', code: 'number_invalid' },
    { name: 'two digits', typed: '12', code: 'number_invalid' },
    { name: 'sixteen digits', typed: '+1202555017712345', code: 'number_invalid' },
    { name: 'seven digits after the calling code', typed: '+1 555 0100', code: 'number_invalid' },
    { name: 'two numbers', typed: '+12025550177,+12025550178', code: 'number_invalid' },
    { name: 'more digits than any number', typed: '1'.repeat(64), code: 'number_invalid' },
    { name: 'too few digits', typed: '202 555', code: 'number_invalid' },
    { name: 'too many digits', typed: '+1202555012345', code: 'number_invalid' },
    { name: 'an area code that does not exist', typed: '+10005550123', code: 'number_invalid' },
    { name: 'a calling code that does not exist', typed: '+9991234567', code: 'number_invalid' },
    { name: 'an emergency number', typed: '911', code: 'number_invalid' },
    { name: 'an extension', typed: '+12025550123 ext. 5', code: 'number_invalid' },
    { name: 'a tel: link with an extension', typed: 'tel:+12025550123;ext=7', code: 'number_invalid' },
    {
      name: 'a text around a number that is too long to be one',
      typed: `+12025550123${' '.repeat(60)}`,
      code: 'number_invalid',
    },
    { name: 'premium, US', typed: '+19002345678', code: 'number_refused' },
    { name: 'premium, UK', typed: '+449012345678', code: 'number_refused' },
    { name: 'premium, of no country', typed: '+979123456789', code: 'number_refused' },
    { name: 'shared cost', typed: '+41840123456', code: 'number_refused' },
    { name: 'toll free', typed: '+18002345678', code: 'number_refused' },
    { name: 'a pager', typed: '+447640123456', code: 'number_refused' },
    { name: 'voicemail', typed: '+49177991234567', code: 'number_refused' },
    { name: 'a personal number', typed: '+44 7012 345678', code: 'number_refused' },
    { name: 'a company-wide number', typed: '+445512345678', code: 'number_refused' },
    { name: 'voice over IP', typed: '+33912345678', code: 'number_refused' },
  ];
  for (const { name, typed, code } of refused) {
    it(`refuses ${name}`, () => assert.deepEqual(readPhoneNumber(typed, 'US'), { type: 'refused', code }));
  }

  const byCountry = [
    { name: 'the number’s own country counts', typed: '+4915123456789', allowed: ['US'], code: 'country_refused' },
    { name: 'and not the one that was posted', typed: '+4915123456789', allowed: ['DE'], code: undefined },
    { name: 'Canada is not the US', typed: '+14165550123', allowed: ['US'], code: 'country_refused' },
    { name: 'Guernsey is not the UK', typed: '+447911123456', allowed: ['GB'], code: 'country_refused' },
    {
      name: 'a number of no country is of none that is allowed',
      typed: '+881612345678',
      allowed: ['US'],
      code: 'country_refused',
    },
    { name: 'a number valid in several countries is of each', typed: '+61412345678', allowed: ['CX'], code: undefined },
    {
      name: 'and of none that it is not valid in',
      typed: '+61891621234',
      allowed: ['CX', 'AU'],
      code: 'country_refused',
    },
    { name: 'one of several', typed: '+14165550123', allowed: ['US', 'CA'], code: undefined },
    {
      name: 'a premium number is refused as that, in an allowed country too',
      typed: '+19002345678',
      allowed: ['US'],
      code: 'number_refused',
    },
  ];
  for (const { name, typed, allowed, code } of byCountry) {
    it(`${name}`, () => {
      const read = readPhoneNumber(typed, 'US', allowed);
      assert.equal(read.type === 'refused' ? read.code : undefined, code);
    });
  }

  for (const country of countries()) {
    it(`a country accepts its mobile numbers, even when another country shares them: ${country}`, () => {
      const example = getExampleNumber(country as CountryCode, examples);
      assert.ok(example);
      const expected = { type: 'phone', value: example.number };
      for (const typed of [example.formatNational(), example.formatInternational(), example.number]) {
        assert.deepEqual(readPhoneNumber(typed, country, [country]), expected);
      }
    });
  }

  it('readPhoneNumber checks no country if the call names none', () => {
    assert.equal(readPhoneNumber('+4915123456789', 'US').type, 'phone');
  });
});

describe('readStoredPhoneNumber', () => {
  for (const { name, stored } of [
    { name: 'undefined', stored: undefined },
    { name: 'an empty string', stored: '' },
  ]) {
    it(`readStoredPhoneNumber finds no number in ${name}`, () =>
      assert.deepEqual(readStoredPhoneNumber(stored, 'US'), { type: 'none' }));
  }

  const usable = [
    { name: 'E.164', stored: '+12025550123', value: '+12025550123' },
    { name: 'the national form', stored: '(202) 555-0123', value: '+12025550123' },
    { name: 'a landline', stored: '+81312345678', value: '+81312345678' },
    { name: 'voice over IP', stored: '+33912345678', value: '+33912345678' },
    { name: 'a company-wide number', stored: '+445512345678', value: '+445512345678' },
    { name: 'the old Mexican mobile form', stored: '+5215512345678', value: '+5215512345678' },
    { name: 'a number that the metadata does not know', stored: '+1 (000) 555-0123', value: '+10005550123' },
    { name: 'separators of many kinds', stored: ' +52.1\u00a0[55]1234\u20105678 ', value: '+5215512345678' },
    { name: 'the fewest digits', stored: '+9991234', value: '+9991234' },
    { name: 'the most digits', stored: '+999123456789012', value: '+999123456789012' },
  ];
  for (const { name, stored, value } of usable) {
    it(`a stored number is usable: ${name}`, () =>
      assert.deepEqual(readStoredPhoneNumber(stored, 'US'), { type: 'phone', value }));
  }

  const unusable = [
    { name: 'a space', stored: ' ' },
    { name: 'a word', stored: 'none' },
    { name: 'the national form of another country', stored: '07400 123456' },
    { name: 'an extension', stored: '+12025550123 ext 9' },
    { name: 'two numbers', stored: '+12025550123, +12025550124' },
    { name: 'too few digits', stored: '+999123' },
    { name: 'too many digits', stored: '+9991234567890123' },
    { name: 'a zero after the plus sign', stored: '+0012025550123' },
    { name: 'digits of another script that are no valid number', stored: '+٥٢١٥٥١٢٣٤٥٦٧٨' },
    { name: 'more than 64 characters', stored: `+12025550123${' '.repeat(60)}` },
    { name: 'premium rate', stored: '+19002345678' },
    { name: 'premium rate behind separators', stored: '+1 [900] [234] 5678' },
    { name: 'premium rate behind a tab', stored: '+1\t900 234 5678' },
    { name: 'shared cost', stored: '+41840123456' },
    { name: 'toll-free', stored: '+18002345678' },
    { name: 'a personal number', stored: '+447012345678' },
    { name: 'a pager', stored: '+447640123456' },
    { name: 'voicemail', stored: '+49177991234567' },
  ];
  for (const { name, stored } of unusable) {
    it(`a stored number is unusable: ${name}`, () =>
      assert.deepEqual(readStoredPhoneNumber(stored, 'US'), { type: 'unusable', stored }));
  }
});

describe('readStoredEmail', () => {
  it('readStoredEmail finds no address in an empty string', () => {
    assert.deepEqual(readStoredEmail(undefined), { type: 'none' });
    assert.deepEqual(readStoredEmail(''), { type: 'none' });
  });

  it('an email address is usable', () => {
    assert.deepEqual(readStoredEmail('a@b.c'), { type: 'email', value: 'a@b.c' });
  });

  it('spaces around a stored email address are removed', () => {
    assert.deepEqual(readStoredEmail(' a@b.c\r\n'), { type: 'email', value: 'a@b.c' });
  });

  for (const stored of [' ', 'none', 'ann at home', 'ann@example.com, eve@example.com']) {
    it(`a stored email address is unusable: ${JSON.stringify(stored)}`, () =>
      assert.deepEqual(readStoredEmail(stored), { type: 'unusable', stored }));
  }
});

describe('isEmailAddress', () => {
  for (const value of [
    'a@b',
    'first.last+tag@mail.example.com',
    'ünïcode@exämple.com',
    `${'a'.repeat(241)}@example.com`,
  ]) {
    it(`takes ${value.slice(0, 40)}`, () => assert.equal(isEmailAddress(value), true));
  }
  const wrong = [
    '',
    'a',
    '@b',
    'a@',
    'a@b@c',
    'a b@c',
    'a@b c',
    'a@b\n',
    'a\r\nBcc: x@y.z',
    'a\0@b',
    `${'a'.repeat(250)}@b.cd`,
  ];
  for (const value of wrong) {
    it(`does not take ${JSON.stringify(value.slice(0, 30))}`, () => assert.equal(isEmailAddress(value), false));
  }
});

describe('maskAddress', () => {
  it('shows the last four digits of a number', () => {
    assert.equal(maskAddress({ type: 'phone', value: '+12025550123' }), '•••• 0123');
  });

  it('shows the first letter and the domain of an e-mail address', () => {
    assert.equal(maskAddress({ type: 'email', value: 'alice@example.com' }), 'a•••@example.com');
  });

  for (const value of ['none', '12 34', '123456']) {
    it(`maskAddress hides a text that can't be a phone number: ${value}`, () => {
      assert.equal(maskAddress({ type: 'phone', value }), '••••');
    });
  }

  it('shows no more of a short one', () => {
    assert.equal(maskAddress({ type: 'email', value: 'a@b.c' }), 'a•••@b.c');
  });
});

describe('descriptions of countries', () => {
  it('every country has a calling code of digits', () => {
    assert.ok(countries().length > 200);
    for (const country of countries()) assert.match(callingCode(country), /^\d{1,3}$/);
    assert.equal(callingCode('GB'), '44');
  });

  it('a number tells its country where the numbering plan does', () => {
    assert.equal(countryOf('+4915123456789', ['US', 'DE']), 'DE');
    assert.equal(countryOf('+88216123456', ['US', 'DE']), undefined);
  });

  it('a number that several countries share is of the first candidate unless its own is among them', () => {
    assert.equal(countryOf('+590690301234', ['US', 'MF', 'BL']), 'MF');
    assert.equal(countryOf('+590690301234', ['MF', 'GP']), 'GP');
  });

  it('a phone number is formatted for reading, and any other value stays as it is', () => {
    assert.equal(formatPhoneNumber('+12025550123'), '+1 202 555 0123');
    assert.equal(formatPhoneNumber('unknown'), 'unknown');
  });
});
