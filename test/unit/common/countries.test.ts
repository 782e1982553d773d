import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describeCountries, meantCountry } from '../../../src/common/countries.js';

describe('describeCountries', () => {
  it('returns each country once, sorted by its name in the language', () => {
    assert.deepEqual(describeCountries(['US', 'DE', 'AT', 'DE'], 'de'), [
      { code: 'DE', name: 'Deutschland', callingCode: '49' },
      { code: 'AT', name: 'Österreich', callingCode: '43' },
      { code: 'US', name: 'Vereinigte Staaten', callingCode: '1' },
    ]);
  });
});

describe('meantCountry', () => {
  for (const { given, code } of [
    { given: 'UK', code: 'GB' },
    { given: 'uk', code: 'GB' },
    { given: 'EL', code: 'GR' },
    { given: 'us', code: 'US' },
    { given: ' DE ', code: 'DE' },
    { given: 'united kingdom', code: 'GB' },
    { given: 'Germany', code: 'DE' },
    { given: 'ZZ', code: undefined },
    { given: 'Atlantis', code: undefined },
    { given: '', code: undefined },
    { given: '<>', code: undefined },
  ]) {
    it(`finds ${code ?? 'nothing'} for ${JSON.stringify(given)}`, () => assert.equal(meantCountry(given), code));
  }
});
