import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import ts from 'typescript';
import { ROOT } from '../support/run-tests.js';
import { SOURCES } from '../support/sources.js';

/** Folders of `src`, highest first. Those on one line don't import each other. */
const LAYERS = [
  ['.'],
  ['options'],
  ['gate', 'pages', 'headless'],
  ['request'],
  ['core'],
  ['session', 'limits', 'store', 'twilio', 'texts'],
  ['common'],
];

const folderOf = (file: string) => path.dirname(path.relative('src', file)).split(path.sep)[0] ?? '';
const levelOf = (folder: string) => LAYERS.findIndex((folders) => folders.includes(folder));

/** Every import of a source file from another one, types included. */
function importsOf(file: string, text: string): string[] {
  return ts
    .preProcessFile(text, true, true)
    .importedFiles.map(({ fileName }) => fileName)
    .filter((name) => name.startsWith('.'))
    .map((name) => path.join(path.dirname(file), name).replace(/\.js$/, '.ts'))
    .filter((name) => SOURCES.has(name));
}

const imports = new Map([...SOURCES].map(([file, text]) => [file, importsOf(file, text)]));

describe('layers of src', () => {
  it('every folder of src has a layer', () => {
    const folders = new Set([...SOURCES.keys()].map(folderOf));
    assert.ok(folders.size > 10);
    for (const folder of folders) assert.ok(folder === 'emulator' || levelOf(folder) >= 0, folder);
  });

  it('no file imports upwards or sideways', () => {
    const wrong = [...imports].flatMap(([file, targets]) =>
      targets
        .filter((target) => {
          const [from, to] = [folderOf(file), folderOf(target)];
          if (from === to) return false;
          return from === 'emulator' || to === 'emulator' || levelOf(to) <= levelOf(from);
        })
        .map((target) => `${file} imports ${target}`),
    );
    assert.deepEqual(wrong, []);
  });

  it('no file imports itself through others', () => {
    const finished = new Set<string>();
    const visit = (file: string, trail: readonly string[]): void => {
      assert.ok(!trail.includes(file), [...trail, file].join(' -> '));
      if (finished.has(file)) return;
      for (const target of imports.get(file) ?? []) visit(target, [...trail, file]);
      finished.add(file);
    };
    for (const file of imports.keys()) visit(file, []);
  });

  it('only strategy.ts and index.ts import the options', () => {
    const importers = [...imports].filter(([, targets]) => targets.some((target) => folderOf(target) === 'options'));
    const outside = importers.map(([file]) => file).filter((file) => folderOf(file) !== 'options');
    assert.deepEqual(outside, ['src/index.ts', 'src/strategy.ts']);
  });

  it('no source file is longer than 250 lines, and half of them are shorter than 100', () => {
    const lines = [...SOURCES].map(([file, text]) => ({ file, count: text.split('\n').length - 1 }));
    assert.deepEqual(
      lines.filter(({ count }) => count > 250),
      [],
    );
    const counts = lines.map(({ count }) => count).sort((a, b) => a - b);
    assert.ok((counts[counts.length >> 1] ?? 0) < 100);
  });
});

const PLANTED = [
  { file: 'src/common/planted.ts', from: '../core/two-factor.js' },
  { file: 'src/limits/planted.ts', from: '../twilio/client.js' },
  { file: 'src/core/planted.ts', from: '../options/options.js' },
  { file: 'src/pages/planted.ts', from: '../gate/gate.js' },
  { file: 'src/session/planted.ts', from: '../strategy.js' },
  { file: 'src/emulator/planted.ts', from: '../common/errors.js' },
  { file: 'src/emulator/rules/planted.ts', from: '../../common/errors.js' },
  { file: 'src/planted.ts', from: './emulator/emulator.js' },
];

describe('the lint rule for layers', () => {
  let folder: string;
  let printed: string;

  before(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'layers-'));
    for (const name of ['biome.json', '.gitignore']) cpSync(path.join(ROOT, name), path.join(folder, name));
    for (const { file, from } of PLANTED) {
      mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
      writeFileSync(path.join(folder, file), `import '${from}';\n`);
    }
    const biome = path.join(ROOT, 'node_modules/.bin/biome');
    const args = ['lint', '--max-diagnostics=none', '--only=style/noRestrictedImports'];
    const { stdout, stderr } = spawnSync(biome, args, { cwd: folder, encoding: 'utf8', timeout: 120_000 });
    printed = stdout + stderr;
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const { file, from } of PLANTED) {
    it(`the linter rejects an import of ${from} in ${file}`, () => {
      const [, report = ''] = printed.split(`${file}:`);
      assert.match(report, /may import from|Nothing outside src\/emulator/, printed);
    });
  }
});
