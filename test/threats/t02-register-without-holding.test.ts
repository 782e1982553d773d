/**
 * T2. Attacker: a user without a number, or someone who has that user's password. They register a number they do not
 * hold, such as someone else's or one that does not answer, and hope it is stored without a code. Goal: an account that
 * no real person verified, or codes and calls that go to a stranger indefinitely. Defense: `storePhoneNumber` is called
 * only after a correct code that was sent to that same number.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ALICE, BOB, isIn, MALLORY, type RunningExample, startExample } from './support/example.js';
import { audited, lastCode, wrongCode } from './support/look.js';
import { pass, stopTheClock } from './support/time.js';

const bobsNumber = ({ users }: RunningExample) => users.phoneNumberOf({ id: '2', username: 'bob', password: '' });
const number = (phoneNumber: string) => ({ country: 'US', phoneNumber, method: 'sms' });

describe('T2: a number that the user does not hold', () => {
  stopTheClock();

  it('a number is not stored when it is typed, sent a code, or followed by a wrong code', async () => {
    const example = await startExample();
    const browser = await example.signedIn('bob');
    await browser.post('/2fa/register', number(MALLORY));
    assert.equal(await bobsNumber(example), undefined, 'after the form');
    await browser.post('/2fa/verify', { code: wrongCode(example) });
    assert.equal(await bobsNumber(example), undefined, 'after a wrong code');
    assert.equal(audited(example, 'phoneNumberRegistered').length, 0);
    assert.equal(await isIn(browser), false);
  });

  it('a number is not stored with a correct code that was sent to another number', async () => {
    const example = await startExample();
    const browser = await example.signedIn('bob');
    await browser.post('/2fa/register', number(BOB));
    const ownCode = lastCode(example, BOB);
    await browser.post('/2fa/register', number(MALLORY));
    await browser.post('/2fa/verify', { code: ownCode === lastCode(example, MALLORY) ? wrongCode(example) : ownCode });
    assert.equal(await bobsNumber(example), undefined);
    assert.equal(await isIn(browser), false);
  });

  it('a number is not stored when it is left out and the method is chosen later', async () => {
    const example = await startExample();
    const browser = await example.signedIn('bob');
    await browser.post('/2fa/register', { country: 'US', phoneNumber: MALLORY });
    await browser.post('/2fa/verify', { code: '123456', phoneNumber: MALLORY });
    await browser.post('/2fa/skip');
    assert.equal(await bobsNumber(example), undefined);
    assert.equal(await isIn(browser), false);
  });

  it('a number is not stored with an expired code', async () => {
    const example = await startExample();
    const browser = await example.signedIn('bob');
    await browser.post('/2fa/register', number(MALLORY));
    const code = lastCode(example);
    pass(600);
    await browser.post('/2fa/verify', { code });
    assert.equal(await bobsNumber(example), undefined);
  });

  it('an unverified number does not replace the old one in a change', async () => {
    const example = await startExample();
    const browser = await example.verified('alice');
    await browser.post('/2fa/change', number(MALLORY));
    await browser.post('/2fa/verify', { code: wrongCode(example) });
    assert.equal(await example.users.phoneNumberOf({ id: '1', username: 'alice', password: '' }), ALICE);
    assert.equal(audited(example, 'phoneNumberChanged').length, 0);
  });

  it('the verified number is stored after the correct code', async () => {
    const example = await startExample();
    const browser = await example.signedIn('bob');
    await browser.post('/2fa/register', number('(202) 555-0177'));
    await browser.post('/2fa/verify', { code: lastCode(example, BOB), phoneNumber: MALLORY });
    assert.equal(await bobsNumber(example), BOB);
    assert.equal(await isIn(browser), true);
  });
});
