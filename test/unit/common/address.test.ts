import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  callingCode,
  countries,
  countryOf,
  formatPhoneNumber,
  isEmailAddress,
  maskAddress,
  readPhoneNumber,
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
  ];
  for (const { name, typed, country, value } of accepted) {
    it(`reads ${name}`, () => assert.deepEqual(readPhoneNumber(typed, country), { type: 'phone', value }));
  }

  const refused = [
    { name: 'nothing', typed: '', code: 'number_invalid' },
    { name: 'letters', typed: 'call me', code: 'number_invalid' },
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
      typed: '+88216123456',
      allowed: ['US'],
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

  it('judges no country where none is asked for', () => {
    assert.equal(readPhoneNumber('+4915123456789', 'US').type, 'phone');
  });
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

  it('shows no more of a short one', () => {
    assert.equal(maskAddress({ type: 'email', value: 'a@b.c' }), 'a•••@b.c');
  });
});

describe('what is told of countries', () => {
  it('every country has a calling code of digits', () => {
    assert.ok(countries().length > 200);
    for (const country of countries()) assert.match(callingCode(country), /^\d{1,3}$/);
    assert.equal(callingCode('GB'), '44');
  });

  it('a number tells its country where the numbering plan does', () => {
    assert.equal(countryOf('+4915123456789'), 'DE');
    assert.equal(countryOf('+88216123456'), undefined);
  });

  it('a number is written as people read it; what is none stays as it is', () => {
    assert.equal(formatPhoneNumber('+12025550123'), '+1 202 555 0123');
    assert.equal(formatPhoneNumber('unknown'), 'unknown');
  });
});
