import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import ts from 'typescript';
import { ROOT } from '../support/run-tests.js';
import { SOURCES } from '../support/sources.js';

/** The folders of a folder, highest first. Those on one line don't import each other. */
type Layers = readonly (readonly string[])[];

const LAYERS: Layers = [
  ['.'],
  ['options'],
  ['gate', 'pages', 'headless'],
  ['request'],
  ['core'],
  ['session', 'limits', 'store', 'twilio', 'texts'],
  ['common'],
];

const CORE_LAYERS: Layers = [
  ['.'],
  ['account'],
  ['codes', 'recovery'],
  ['devices'],
  ['verification'],
  ['factors'],
  ['events'],
  ['step'],
];

const folderOf = (file: string, parent = 'src') => path.dirname(path.relative(parent, file)).split(path.sep)[0] ?? '';
const levelOf = (layers: Layers, folder: string) => layers.findIndex((folders) => folders.includes(folder));

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

/** The imports between two folders of `parent` that go upwards, sideways, or to or from a folder without a layer. */
function wrongImports(parent: string, layers: Layers): string[] {
  const isInside = (file: string) => file.startsWith(`${parent}/`);
  return [...imports]
    .filter(([file]) => isInside(file))
    .flatMap(([file, targets]) =>
      targets
        .filter((target) => {
          const [from, to] = [folderOf(file, parent), folderOf(target, parent)];
          if (!isInside(target) || from === to) return false;
          return levelOf(layers, from) < 0 || levelOf(layers, to) <= levelOf(layers, from);
        })
        .map((target) => `${file} imports ${target}`),
    );
}

describe('layers of src', () => {
  it('every folder of src has a layer', () => {
    const folders = new Set([...SOURCES.keys()].map((file) => folderOf(file)));
    assert.ok(folders.size > 10);
    for (const folder of folders) assert.ok(folder === 'emulator' || levelOf(LAYERS, folder) >= 0, folder);
  });

  it('every folder of src/core has a layer, and every layer a folder', () => {
    const files = [...SOURCES.keys()].filter((file) => folderOf(file) === 'core');
    const folders = new Set(files.map((file) => folderOf(file, 'src/core')));
    assert.deepEqual([...folders].sort(), CORE_LAYERS.flat().sort());
  });

  it('no file imports upwards or sideways', () => {
    assert.deepEqual(wrongImports('src', LAYERS), []);
  });

  it('no file of src/core imports upwards or sideways within it', () => {
    assert.deepEqual(wrongImports('src/core', CORE_LAYERS), []);
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
  { file: 'src/core/codes/planted-upwards.ts', from: '../../options/options.js' },
  { file: 'src/core/account/planted.ts', from: '../two-factor.js' },
  { file: 'src/core/codes/planted.ts', from: '../recovery/recovery-code.js' },
  { file: 'src/core/recovery/planted.ts', from: '../codes/code-sender.js' },
  { file: 'src/core/devices/planted.ts', from: '../recovery/recovery-codes.js' },
  { file: 'src/core/verification/planted.ts', from: '../devices/remembered-devices.js' },
  { file: 'src/core/factors/planted.ts', from: '../verification/access.js' },
  { file: 'src/core/events/planted.ts', from: '../factors/stored-factors.js' },
  { file: 'src/core/step/planted.ts', from: '../events/events.js' },
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
