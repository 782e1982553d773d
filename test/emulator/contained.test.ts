import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { describe, it } from 'node:test';

const SOURCES = join(__dirname, '../../src');
const EMULATOR = join(SOURCES, 'emulator');

/** The files of a folder, with what each imports. */
function readImports(folder: string) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => {
      const file = join(folder, name);
      const text = readFileSync(file, 'utf8');
      const imported = [...text.matchAll(/(?:from|import|require\()\s*'([^']+)'/g)].map((match) => match[1] ?? '');
      return { file, text, imported };
    });
}

describe('the emulator is apart', () => {
  it('imports Node and itself, and nothing else', () => {
    for (const { file, imported } of readImports(EMULATOR)) {
      for (const name of imported) {
        const isOwn = name.startsWith('.') && !relative(EMULATOR, resolve(file, '..', name)).startsWith('..');
        assert.ok(name.startsWith('node:') || isOwn, `${relative(SOURCES, file)} imports ${name}`);
      }
    }
  });

  it('no other part of the package imports the emulator', () => {
    for (const { file, imported } of readImports(SOURCES)) {
      if (file.startsWith(EMULATOR)) continue;
      assert.ok(!imported.some((name) => name.includes('emulator')), `${relative(SOURCES, file)} imports the emulator`);
    }
  });

  it('the emulator has no import(), which Jest cannot run', () => {
    for (const { file, text } of readImports(EMULATOR)) {
      assert.ok(!/\bimport\(/.test(text), relative(SOURCES, file));
    }
  });

  it('loads nothing but Node’s own modules', () => {
    const script = `
      const before = new Set(Object.keys(require.cache));
      require(${JSON.stringify(join(EMULATOR, 'index.ts'))});
      const loaded = Object.keys(require.cache).filter((file) => !before.has(file) && file.includes('node_modules'));
      console.log(JSON.stringify(loaded));`;
    const output = execFileSync(process.execPath, ['--require', 'tsx/cjs', '-e', script], { encoding: 'utf8' });
    assert.deepEqual(JSON.parse(output), []);
  });

  it('makes no code with Math.random', () => {
    for (const { file, text } of readImports(EMULATOR)) {
      assert.ok(!text.includes('Math.random'), relative(SOURCES, file));
    }
  });

  it('does not hold the process open once it is stopped', () => {
    const script = `
      const { startVerifyEmulator } = require(${JSON.stringify(join(EMULATOR, 'index.ts'))});
      startVerifyEmulator().then(async (emulator) => {
        await (await fetch(emulator.url)).text();
        await emulator.stop();
      });`;
    const options = { timeout: 10_000 };
    execFileSync(process.execPath, ['--require', 'tsx/cjs', '-e', script], options);
  });
});
