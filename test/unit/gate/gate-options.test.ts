import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rejectMisspelled } from '../../../src/gate/gate-options.js';

const CALL = "passport.authenticate('twilio-2fa')";

/** Options of Passport, of Nest, and of strategies that can share a route with ours. */
const FOREIGN = [
  ...['session', 'failureRedirect', 'failureFlash', 'failureMessage', 'failWithError', 'successRedirect'],
  ...['successReturnToOrRedirect', 'successFlash', 'successMessage', 'assignProperty', 'authInfo', 'keepSessionInfo'],
  ...['userProperty', 'passReqToCallback', 'prompt', 'scope', 'state', 'nonce', 'display', 'loginHint', 'accessType'],
  ...[
    'redirect_uri',
    'redirectUri',
    'redirectUrl',
    'callbackURL',
    'property',
    'callback',
    'defaultStrategy',
    'badRequestMessage',
  ],
];

describe('rejectMisspelled', () => {
  it('rejectMisspelled accepts our own options', () => {
    rejectMisspelled(CALL, { maxAgeSeconds: 300, redirect: false });
  });

  for (const name of FOREIGN) {
    it(`rejectMisspelled accepts an option of others: ${name}`, () => rejectMisspelled(CALL, { [name]: true }));
  }

  for (const [name, meant] of [
    ['maxAge', 'maxAgeSeconds'],
    ['maxAgeSecond', 'maxAgeSeconds'],
    ['max_age_seconds', 'maxAgeSeconds'],
    ['redirct', 'redirect'],
  ] as const) {
    it(`rejectMisspelled throws for ${name}, each time, and names ${meant}`, () => {
      const options = { session: false, [name]: 300 };
      const error = new TypeError(`${CALL}: unknown option "${name}"; did you mean "${meant}"?`);
      assert.throws(() => rejectMisspelled(CALL, options), error);
      assert.throws(() => rejectMisspelled(CALL, options), error);
    });
  }

  it('rejectMisspelled reads the names of one object once', () => {
    let reads = 0;
    const options = new Proxy(
      { maxAgeSeconds: 300 },
      {
        ownKeys: (target) => {
          reads += 1;
          return Reflect.ownKeys(target);
        },
      },
    );
    for (let request = 0; request < 3; request += 1) rejectMisspelled(CALL, options);
    assert.equal(reads, 1);
  });
});
