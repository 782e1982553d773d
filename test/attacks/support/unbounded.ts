import assert from 'node:assert/strict';
import { newNumber } from '../../support/second-step.js';
import type { Attack } from './attack.js';

/** A language that only a server finds which reads beyond the bound of 256 characters. */
const LANGUAGES = `${Array.from({ length: 1_000 }, (_, index) => `q${index.toString(36)};q=0.1`).join()},de;q=1`;

/** Attacks with texts of any length. */
export const UNBOUNDED: readonly Attack[] = [
  {
    threat: 'T27',
    name: 'a code that is too long is refused before anything else',
    async run(site) {
      const { visitor, code } = await site.waiting(site.addUser());
      const before = site.calls('VerificationCheck');
      for (const tooLong of ['1'.repeat(257), '\u0323\u0301'.repeat(20_000)]) {
        assert.equal((await visitor.post('/enter', { code: tooLong })).status, 400);
        assert.equal((await visitor.step('check', { code: tooLong })).status, 400);
      }
      assert.equal(site.calls('VerificationCheck'), before);
      assert.match((await visitor.post('/enter', { code })).text, /^entered/);
    },
  },
  {
    threat: 'T27',
    name: 'a country, a method, or a number that is too long is refused',
    async run(site) {
      const visitor = await site.signedIn(site.addUser({ phone: undefined }));
      const number = { phoneNumber: newNumber(), country: 'US', method: 'sms' };
      const before = site.calls('Verifications');
      for (const tooLong of [
        { country: 'U'.repeat(90_000) },
        { method: 's'.repeat(17) },
        { phoneNumber: number.phoneNumber + ' '.repeat(60) },
      ]) {
        assert.equal((await visitor.step('register', { ...number, ...tooLong })).status, 400);
      }
      assert.equal(site.calls('Verifications'), before);
    },
  },
  {
    threat: 'T27',
    name: 'no more than 256 characters of Accept-Language are read',
    async run(site) {
      const visitor = await site.signedIn(site.addUser());
      const message = async (languages: string) =>
        (await visitor.step('start', { method: 'fax' }, { 'accept-language': languages })).body.message;
      const [english, german] = [await message('en'), await message('de')];
      assert.notEqual(german, english);
      assert.equal(await message(LANGUAGES), english);
    },
  },
];
