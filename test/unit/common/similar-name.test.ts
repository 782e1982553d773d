import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { misspelledName, nearestName } from '../../../src/common/similar-name.js';

const NAMES = ['maxAgeSeconds', 'redirect'];

describe('misspelledName', () => {
  for (const { given, meant } of [
    { given: 'maxAge', meant: 'maxAgeSeconds' },
    { given: 'max_age', meant: 'maxAgeSeconds' },
    { given: 'max', meant: 'maxAgeSeconds' },
    { given: 'maxageseconds', meant: 'maxAgeSeconds' },
    { given: 'maxAgeSecond', meant: 'maxAgeSeconds' },
    { given: 'maxAgeSecs', meant: undefined },
    { given: 'maxAegSeconds', meant: 'maxAgeSeconds' },
    { given: 'mxAgSeconds', meant: 'maxAgeSeconds' },
    { given: 'mxAgSecond', meant: undefined },
    { given: 'redirct', meant: 'redirect' },
    { given: 'redirects', meant: 'redirect' },
    { given: 'redirectUrl', meant: undefined },
    { given: 'failureRedirect', meant: undefined },
    { given: 'ma', meant: undefined },
    { given: '', meant: undefined },
    { given: 'session', meant: undefined },
  ]) {
    it(`misspelledName takes "${given}" for ${meant ?? 'no name of ours'}`, () => {
      assert.equal(misspelledName(given, NAMES), meant);
    });
  }
});

describe('nearestName', () => {
  it('nearestName prefers a name that contains the given one', () => {
    assert.equal(nearestName('age', ['ace', 'maxAgeSeconds']), 'maxAgeSeconds');
  });

  it('nearestName returns the name with the fewest edits, and ignores case', () => {
    assert.equal(nearestName('REDIRCT', ['maxAgeSeconds', 'redirect', 'direct']), 'redirect');
  });

  it('nearestName returns nothing without names', () => assert.equal(nearestName('age', []), undefined));
});
