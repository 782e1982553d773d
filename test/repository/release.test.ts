import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { releaseProblems } from '../../scripts/release-problems.mjs';
import { ROOT } from '../support/run-tests.js';

const MANIFEST = {
  version: '1.2.0',
  homepage: 'https://docs.example.com/',
  bugs: { url: 'https://code.example.com/ann/two-factor/issues' },
  repository: { type: 'git', url: 'git+https://code.example.com/ann/two-factor.git' },
};
const CHANGELOG = `# Changelog

## [Unreleased]

## [1.2.0] - 2026-11-30

### Added

- More.

[1.2.0]: https://code.example.com/ann/two-factor/releases/tag/v1.2.0
`;
const ENV = { GITHUB_REF_TYPE: 'tag', GITHUB_REF_NAME: 'v1.2.0', GITHUB_REPOSITORY: 'ann/two-factor' };

interface Lacking {
  readonly name: string;
  readonly manifest?: object;
  readonly changelog?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly problem: RegExp;
}

const LACKING: readonly Lacking[] = [
  { name: 'no homepage', manifest: { homepage: undefined }, problem: /"homepage"/ },
  { name: 'a homepage that is a path', manifest: { homepage: '/docs' }, problem: /"homepage"/ },
  { name: 'no address for bugs', manifest: { bugs: {} }, problem: /"bugs"/ },
  { name: 'no repository', manifest: { repository: undefined }, problem: /"repository"/ },
  { name: 'a repository by its short name', manifest: { repository: 'ann/two-factor' }, problem: /"repository"/ },
  { name: 'another repository', env: { GITHUB_REPOSITORY: 'eve/two-factor' }, problem: /eve\/two-factor/ },
  { name: 'a tag of another version', env: { GITHUB_REF_NAME: 'v1.2.1' }, problem: /v1\.2\.1.*1\.2\.0/ },
  { name: 'a version that the changelog lacks', manifest: { version: '1.20' }, problem: /\[1\.20\] - YYYY/ },
  { name: 'a version without a date', changelog: CHANGELOG.replace(/ - \d.*/, ''), problem: /date of the release/ },
  { name: 'a version without a link', changelog: CHANGELOG.replace(/^\[.*/m, ''), problem: /address of the release/ },
];

describe('the check of a release', () => {
  let folder: string;
  let problemsOf: typeof releaseProblems;
  before(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'release-'));
    ({ releaseProblems: problemsOf } = await import('../../scripts/release-problems.mjs'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const run = (manifest: object) => {
    writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest));
    writeFileSync(path.join(folder, 'CHANGELOG.md'), CHANGELOG);
    const args = [path.join(ROOT, 'node_modules/tsx/dist/cli.mjs'), path.join(ROOT, 'scripts/check-release.mts')];
    return spawnSync(process.execPath, args, { cwd: folder, env: { ...process.env, ...ENV }, encoding: 'utf8' });
  };

  for (const { name, manifest, changelog = CHANGELOG, env, problem } of LACKING) {
    it(`a release fails with ${name}`, () => {
      const sources = { manifest: { ...MANIFEST, ...manifest }, changelog, env: { ...ENV, ...env } };
      const problems = problemsOf(sources);
      assert.match(problems.join('\n'), problem);
    });
  }

  it('the command ends with 0 for a complete release', () => {
    const { status, stdout, stderr } = run(MANIFEST);
    assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
    assert.match(stdout, /complete/);
  });

  it('the command ends with 1 and lists everything that is missing', () => {
    const { status, stderr } = run({ version: '1.2.0' });
    assert.equal(status, 1);
    assert.equal(stderr.trim().split('\n').length, 3);
  });

  it('npm runs the check before it publishes, and publishes with provenance', () => {
    const { scripts, publishConfig } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
    assert.equal(scripts.prepublishOnly, 'npm run release:check');
    assert.deepEqual(publishConfig, { access: 'public', provenance: true });
  });
});
