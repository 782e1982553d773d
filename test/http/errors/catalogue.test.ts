import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { REFUSAL_STATUS } from 'passport-twilio-verify';
import { declarationOf } from '../../support/sources.js';

const ROOT = path.join(__dirname, '..', '..', '..');
const GUIDE = readFileSync(path.join(ROOT, 'docs/errors.md'), 'utf8');

function textsIn(folder: string, ending: string): string[] {
  return readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending))
    .map((file) => readFileSync(path.join(ROOT, folder, file), 'utf8'));
}

const matchesIn = (texts: readonly string[], pattern: RegExp) =>
  [...new Set(texts.flatMap((text) => [...text.matchAll(pattern)].map(([, match = '']) => match)))].sort();

const sources = textsIn('src', '.ts');
const faults = matchesIn(sources, /'(ERR_TWILIO_VERIFY_\w+)'/g);
const warnings = matchesIn(sources, /code: '(TWILIO_VERIFY_\w+)'/g);
const sections = new Map(
  GUIDE.split(/^### /m)
    .slice(1)
    .map((section) => [section.split('\n', 1)[0] ?? '', section.split(/^## /m, 1)[0] ?? '']),
);

describe('docs/errors.md', () => {
  it('docs/errors.md has exactly one section for each error and warning code', () => {
    assert.ok(faults.length > 10 && warnings.length > 3);
    assert.deepEqual([...sections.keys()].sort(), [...faults, ...warnings].sort());
    assert.equal(GUIDE.match(/^### /gm)?.length, sections.size);
  });

  it('each code appears once in its type, and the source throws or emits it', () => {
    assert.deepEqual(matchesIn([declarationOf('type', 'TwilioVerifyErrorCode')], /'(\w+)'/g), faults);
    const others = sources.filter((text) => !text.includes('TwilioVerifyErrorCode ='));
    const thrown = matchesIn(others, /'(ERR_TWILIO_VERIFY_\w+)'/g);
    assert.deepEqual(thrown, faults);
  });

  for (const [code, section] of sections) {
    it(`the section of ${code} in docs/errors.md says what happened, why, and what to add`, () => {
      assert.match(section, /^\*\*What happened\.\*\* \S/m);
      assert.match(section, /^\*\*Why(?:\.\*\* \S|, and what to do\.\*\*)/m);
      assert.match(section, /^\*\*Add\.\*\* \S|^\| Twilio \|/m);
    });
  }

  it('the section about user IDs suggests one that never changes, and no email address', () => {
    const section = sections.get('ERR_TWILIO_VERIFY_USER_ID') ?? '';
    assert.match(section, /userId: \(\{ user \}\) => String\(user\._id\)/);
    assert.doesNotMatch(section, /user\.email/);
  });

  it('docs/errors.md lists every refusal with its status', () => {
    const [, table = ''] = GUIDE.split(/^## Refusals$/m);
    const rows = [...table.matchAll(/^\| `(\w+)` \| (\d+) \| \S.* \|$/gm)].map(([, code, status]) => [
      code,
      Number(status),
    ]);
    assert.deepEqual(rows, Object.entries(REFUSAL_STATUS));
  });
});

describe('the message of each code', () => {
  const tests = [
    ...textsIn('test/http', '.test.ts'),
    ...textsIn('test/unit', '.test.ts'),
    ...textsIn('test/threats', '.test.ts'),
    ...textsIn('test/frameworks', '.test.ts'),
  ];

  for (const code of [...faults, ...warnings]) {
    it(`a test covers the message of ${code}`, () => assert.ok(tests.some((text) => text.includes(code))));
  }
});
