/**
 * T16. Attacker: no attacker, but an operator in good faith. They set an option that the interface declares: the
 * countries, the methods, how long a verification lasts. Goal: everything that the option was to prevent, if it is
 * declared and not enforced. Defense: each option has a test that fails when the option is ignored. Most of them are
 * under `test/http/options`. This file ensures that no option lacks one.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fieldsOf } from '../support/sources.js';
import { startExample } from './support/example.js';

const ROOT = path.join(__dirname, '..', '..');

/** All that the tests over HTTP say, comments left out. */
function testsOfOptions(): string {
  return ['http', 'threats']
    .flatMap((folder) =>
      readdirSync(path.join(ROOT, 'test', folder), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.test.ts') && !file.startsWith('t16-'))
        .map((file) => readFileSync(path.join(ROOT, 'test', folder, file), 'utf8')),
    )
    .map((source) => source.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, ''))
    .join('\n');
}

describe('T16: an option', () => {
  const names = fieldsOf('TwilioVerifyStrategyOptions');
  const tests = testsOfOptions();

  it('the options can be read from the interface', () => {
    assert.ok(names.length > 45, `found ${names.length}`);
    for (const name of ['accountSid', 'phoneNumber', 'limits', 'clock']) assert.ok(names.includes(name), name);
  });

  for (const name of names) {
    it(`a declared option has a test: ${name}`, () => {
      assert.ok(
        new RegExp(`(?<![\\w.])${name}\\b`).test(tests),
        `no test under test/http or test/threats names ${name}`,
      );
    });
  }

  it('an undeclared option causes an error, and is not ignored', async () => {
    const misspelt = { allowedCountry: ['US'] } as object;
    await assert.rejects(
      startExample({ twoFactor: misspelt }),
      /TypeError: .*unknown option "allowedCountry"; did you mean/,
    );
  });

  it('an option that is empty or out of its range causes an error, and is not ignored', async () => {
    for (const twoFactor of [
      { allowedCountries: [] },
      { maxAgeSeconds: 0 },
      { codeLength: 3 },
      { timeoutSeconds: 0 },
    ]) {
      await assert.rejects(startExample({ twoFactor }), TypeError, JSON.stringify(twoFactor));
    }
  });
});
