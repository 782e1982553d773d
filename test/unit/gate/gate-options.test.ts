import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { rejectMisspelled } from '../../../src/gate/gate-options.js';

const CALL = "passport.authenticate('twilio-2fa')";

/** Options of Passport, of Nest, and of strategies that can share a route with ours. */
const FOREIGN: Readonly<Record<string, string>> = {
  Passport:
    'session keepSessionInfo failureRedirect failureFlash failureMessage failWithError successRedirect ' +
    'successReturnToOrRedirect successFlash successMessage assignProperty authInfo userProperty pauseStream compat',
  Nest: 'defaultStrategy property callback type info',
  'passport-local': 'usernameField passwordField badRequestMessage passReqToCallback',
  'passport-oauth2':
    'scope scopeSeparator state nonce callbackURL redirect_uri redirectURI redirectUri redirectUrl redirectTo ' +
    'customHeaders pkce sessionKey store trustProxy',
  'Google, Facebook, and other OAuth providers':
    'accessType approvalPrompt prompt loginHint hd hostedDomain includeGrantedScopes display authType authNonce ' +
    'profileFields enableProof allow_signup login forceLogin screenName force_verify show_dialog realm response_mode',
  'OpenID Connect, Auth0, and Microsoft Entra ID':
    'acr_values ui_locales id_token_hint login_hint responseType responseMode connection connection_scope audience ' +
    'organization invitation screen_hint tenantIdOrName domain_hint resourceURL customState extraAuthReqQueryParams ' +
    'extraTokenReqQueryParams',
  SAML: 'additionalParams samlFallback forceAuthn authnContext RelayState authnRequestBinding',
  'tokens and links': 'action direct max secret secretOrKey audience issuer ignoreExpiration clockTolerance tokenField',
};

describe('rejectMisspelled', () => {
  it('rejectMisspelled accepts our own options', () => {
    rejectMisspelled(CALL, { maxAgeSeconds: 300, redirect: false });
  });

  for (const [owner, names] of Object.entries(FOREIGN)) {
    for (const name of names.split(' ')) {
      it(`rejectMisspelled accepts the option ${name} of ${owner}`, () => rejectMisspelled(CALL, { [name]: true }));
    }
  }

  for (const [name, meant] of [
    ['maxAge', 'maxAgeSeconds'],
    ['maxAgeSecond', 'maxAgeSeconds'],
    ['max_age_seconds', 'maxAgeSeconds'],
    ['max_age', 'maxAgeSeconds'],
    ['maxAgeMs', 'maxAgeSeconds'],
    ['maxAgeMinutes', 'maxAgeSeconds'],
    ['maxAgeInSeconds', 'maxAgeSeconds'],
    ['MaxAge', 'maxAgeSeconds'],
    ['redirct', 'redirect'],
    ['redir', 'redirect'],
    ['red', 'redirect'],
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
