import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { ROOT } from '../support/run-tests.js';

const KINDS = ['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security'];

const text = readFileSync(path.join(ROOT, 'CHANGELOG.md'), 'utf8');
const sections = text.split(/^## /m).slice(1);
const headings = sections.map((section) => section.split('\n', 1)[0] ?? '');

describe('CHANGELOG.md, in the form of Keep a Changelog', () => {
  it('CHANGELOG.md starts with its title, Keep a Changelog, and Semantic Versioning', () => {
    assert.match(text, /^# Changelog\n\n[^#]*keepachangelog\.com[^#]*semver\.org[^#]*\n## /);
  });

  it('CHANGELOG.md has the unreleased changes first, then the versions with their dates, newest first', () => {
    const [first, ...versions] = headings;
    assert.equal(first, '[Unreleased]');
    for (const version of versions) assert.match(version, /^\[\d+\.\d+\.\d+\] - \d{4}-\d{2}-\d{2}$/);
    const dates = versions.map((version) => version.slice(-10));
    assert.deepEqual(dates, dates.toSorted().reverse());
  });

  it('CHANGELOG.md groups changes by the six kinds, each once per version, and none is empty', () => {
    for (const section of sections) {
      const kinds = section.split(/^### /m).slice(1);
      const names = kinds.map((kind) => kind.split('\n', 1)[0] ?? '');
      assert.deepEqual(
        names.filter((name) => !KINDS.includes(name)),
        [],
      );
      assert.equal(new Set(names).size, names.length);
      for (const kind of kinds) assert.match(kind, /^- /m);
    }
  });

  it('CHANGELOG.md says everything in lists below headings', () => {
    const lines = sections.flatMap((section) => section.split('\n').slice(1));
    const others = lines.filter((line) => !/^(|#{3,4} .+|- .+| {2}\S.*|\[.+\]: https:\/\/\S+)$/.test(line));
    assert.deepEqual(others, []);
  });
});
