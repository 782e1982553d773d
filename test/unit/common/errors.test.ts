import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { TwilioApiError, TwilioVerifyError } from '../../../src/common/errors.js';

const ROOT = path.join(__dirname, '..', '..', '..');

describe('the message of an error', () => {
  for (const { message, expected } of [
    { message: 'Add app.use(session({ … })).', expected: 'Add app.use(session({ … })). See ' },
    { message: 'Add userId: () => 1', expected: 'Add userId: () => 1. See ' },
  ]) {
    it(`ends with the link to its entry: ${message}`, () => {
      const error = new TwilioVerifyError('ERR_TWILIO_VERIFY_NO_SESSION', message);
      const link = 'node_modules/passport-twilio-verify/docs/errors.md#err_twilio_verify_no_session';
      assert.equal(error.message, expected + link);
    });
  }

  it('an error from Twilio ends with the link', () => {
    const error = new TwilioApiError('ERR_TWILIO_VERIFY_UNAVAILABLE', 'Down.', 20500, 503, true);
    assert.match(error.message, /^Down\. See \S+\/docs\/errors\.md#err_twilio_verify_unavailable$/);
  });

  it('links to a file that the package ships', () => {
    const { files } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { files: string[] };
    assert.ok(files.includes('docs') && existsSync(path.join(ROOT, 'docs/errors.md')));
  });
});
