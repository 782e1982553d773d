import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { it } from 'node:test';
import { proseOf } from '../docs/support/markdown.js';
import { type Project, ROOT, run } from './support.js';

/**
 * The guides and their pictures take half. The templates and the English texts are there twice: as a module, which
 * bundlers find, and as files, which apps copy and guides link to.
 */
const MOST_BYTES = 1_400_000;

/** The content of the tarball, and whether its `package.json` leads every tool to the files. */
export function testTarball(given: () => Project): void {
  it('the tarball has the code, its declarations, the views, and the license, and nothing else', () => {
    const { packed } = given();
    for (const file of [
      'package.json',
      'LICENSE',
      'docs/README.md',
      'docs/errors.md',
      'dist/index.js',
      'dist/index.mjs',
      'dist/index.d.ts',
      'dist/index.d.mts',
      'dist/emulator/index.js',
      'dist/emulator/index.mjs',
      'dist/emulator/command.js',
      'dist/shipped-files.js',
      'views/_base.html',
      'views/verify.html',
      'views/locales/en.json',
    ]) {
      assert.ok(packed.includes(file), file);
    }
    const allowed =
      /^(dist\/.+\.(js|mjs|d\.ts|d\.mts)|views\/.+|docs\/([\w-]+\.(md|yaml)|images\/[\w-]+\.(png|svg))|[A-Z]+\.md|package\.json|LICENSE)$/;
    assert.deepEqual(
      packed.filter((file) => !allowed.test(file)),
      [],
    );
  });

  it('every link in a document of the tarball leads to a file of the tarball', () => {
    const { packed, installed } = given();
    const broken = packed
      .filter((file) => file.endsWith('.md'))
      .flatMap((file) => {
        const text = proseOf(readFileSync(path.join(installed, file), 'utf8'));
        const links = [...text.matchAll(/(?:\]\(|(?:src|href)=")(?!https?:|mailto:|#)([^)"\s#]+)/g)];
        return links.map(([, link = '']) => ({ file, target: path.join(path.dirname(file), link) }));
      })
      .filter(({ target }) => !packed.includes(target));
    assert.deepEqual(broken, []);
  });

  it(`takes ${MOST_BYTES / 1000} KB at most, with all its languages`, () => {
    assert.ok(given().unpackedSize <= MOST_BYTES, `${given().unpackedSize} bytes`);
  });

  it('the tarball passes publint, including its suggestions', async () => {
    const { publint } = await import('publint');
    const { messages } = await publint({ pkgDir: given().installed, pack: false, strict: true });
    assert.deepEqual(messages, []);
  });

  // Without typesVersions, the old resolution `node10` doesn't find the types of the emulator.
  it('the tarball has types without errors in attw', async () => {
    const attw = path.join(path.dirname(require.resolve('@arethetypeswrong/cli/package.json')), 'dist', 'index.js');
    await run(ROOT, process.execPath, [attw, given().tarball, '--profile', 'node16', '--no-color', '--no-emoji']);
  });
}
