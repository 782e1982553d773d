import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MAGIC_NUMBERS } from '../../src/emulator/index';
import { setUp, stopAfterEach } from './support/fixture';

stopAfterEach();

const LINE = { fields: 'line_type_intelligence' };

describe('lookups', () => {
  it('say what a number is', async () => {
    const { client } = await setUp();
    const found = await client.lookups.v2.phoneNumbers('+12025550123').fetch(LINE);
    assert.equal(found.valid, true);
    assert.deepEqual([found.callingCountryCode, found.countryCode], ['1', 'US']);
    assert.equal(found.nationalFormat, '(202) 555-0123');
    assert.equal(found.lineTypeIntelligence.type, 'mobile');
  });

  it('omit the line type unless Fields names it', async () => {
    const { client } = await setUp();
    const found = await client.lookups.v2.phoneNumbers('+12025550123').fetch();
    assert.equal(found.lineTypeIntelligence, null);
  });

  for (const { number, lineType = '' } of MAGIC_NUMBERS.filter((magic) => magic.lineType !== undefined)) {
    it(`say ${lineType} of ${number}`, async () => {
      const { client } = await setUp();
      const found = await client.lookups.v2.phoneNumbers(number).fetch(LINE);
      assert.equal(found.lineTypeIntelligence.type, lineType);
    });
  }

  for (const { given, country, number } of [
    { given: '+447700900123', country: 'GB', number: '+447700900123' },
    { given: '+14165550123', country: 'CA', number: '+14165550123' },
    { given: '+1 (202) 555-0123', country: 'US', number: '+12025550123' },
    { given: '2025550123', country: 'US', number: '+12025550123' },
  ]) {
    it(`read ${given} as ${number}, ${country}`, async () => {
      const { client } = await setUp();
      const found = await client.lookups.v2.phoneNumbers(given).fetch();
      assert.deepEqual([found.phoneNumber, found.countryCode, found.valid], [number, country, true]);
    });
  }

  it('read a national number in the country that is named', async () => {
    const { client } = await setUp();
    const found = await client.lookups.v2.phoneNumbers('07700900123').fetch({ countryCode: 'GB' });
    assert.equal(found.phoneNumber, '+447700900123');
  });

  for (const { number, error } of [
    { number: '+1202555012', error: 'TOO_SHORT' },
    { number: '+120255501234', error: 'TOO_LONG' },
    { number: '+10025550123', error: 'INVALID_BUT_POSSIBLE' },
    { number: '+9995550123', error: 'INVALID_COUNTRY_CODE' },
    { number: '+1202CALLME1', error: 'NOT_A_NUMBER' },
  ]) {
    it(`say ${error} of ${number}`, async () => {
      const { client } = await setUp();
      const found = await client.lookups.v2.phoneNumbers(number).fetch(LINE);
      assert.equal(found.valid, false);
      assert.deepEqual(found.validationErrors, [error]);
      assert.equal(found.lineTypeIntelligence, null);
    });
  }

  it('refuse a field that Twilio does not have', async () => {
    const { client } = await setUp();
    await assert.rejects(client.lookups.v2.phoneNumbers('+12025550123').fetch({ fields: 'horoscope' }), {
      status: 400,
      code: 60200,
    });
  });
});
