/**
 * Builds what is published, into `dist`.
 *
 * Each entry point becomes one file of code and one of declarations: an application loads one file instead of eighty,
 * and the declarations contain the public types and their comments only. The templates, assets, and texts are a module:
 * bundlers and tracers follow modules. The texts of all languages but English are compressed: uncompressed, they would
 * be more than half of the package.
 */
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';
import ts from 'typescript';
import type { ShippedFiles } from '../src/common/shipped-files.js';
import * as shippedFiles from '../src/shipped-files.js';

const ROOT = path.join(import.meta.dirname, '..');
const SOURCES = path.join(ROOT, 'src');
const DIST = path.join(ROOT, 'dist');

const ENTRY_POINTS = ['index', 'emulator/index'];

/** Keeps names, so that stack traces stay readable. */
const COMPACT: BuildOptions = { minifyWhitespace: true, lineLimit: 120 };

/** The files in `views` as a module. It's loaded with the first page, so it's not part of `index.js`. */
const FILES_MODULE = './shipped-files.js';

/** The comments that users need are in the declarations. */
const withoutComments: Plugin = {
  name: 'without-comments',
  setup({ onLoad }) {
    const compilerOptions = { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext, removeComments: true };
    onLoad({ filter: /\.ts$/ }, ({ path: file }) => ({
      contents: ts.transpileModule(readFileSync(file, 'utf8'), { compilerOptions }).outputText,
      loader: 'js',
    }));
  },
};

async function writeCode(name: string, more: BuildOptions = {}): Promise<void> {
  await build({
    absWorkingDir: ROOT,
    entryPoints: [path.join('src', `${name}.ts`)],
    outfile: path.join('dist', `${name}.js`),
    bundle: true,
    packages: 'external',
    external: [FILES_MODULE],
    platform: 'node',
    format: 'cjs',
    target: 'node20.19',
    charset: 'utf8',
    plugins: [withoutComments],
    ...more,
  });
}

async function writeDeclarations(name: string): Promise<void> {
  const plugin = dts({ tsconfig: path.join(SOURCES, 'tsconfig.json') });
  const input = path.join(SOURCES, `${name}.ts`);
  const bundle = await rollup({ input, plugins: [plugin], external: (id) => !/^[./]/.test(id) });
  const { output } = await bundle.generate({ format: 'es' });
  await bundle.close();
  // `Express.User` is a global name that Passport's types declare, and importing Express's does not bring them.
  const needed = output[0].code.includes('Express.User') ? '/// <reference types="passport" />\n' : '';
  const declarations = output[0].code.replace(/^( {4})+/gm, (spaces) => '\t'.repeat(spaces.length / 4));
  writeFileSync(path.join(DIST, `${name}.d.ts`), needed + declarations);
}

/** The same class for `import` as for `require`: what is imported is what is required. */
function writeModule(name: string): void {
  for (const extension of ['mjs', 'd.mts']) {
    copyFileSync(path.join(SOURCES, `${name}.mts`), path.join(DIST, `${name}.${extension}`));
  }
}

/** Writes the module that `src/shipped-files.ts` stands for. Bundlers and tracers find its contents by themselves. */
function writeFiles({ version, templates, assets, english, unpackLanguages }: ShippedFiles): void {
  const params = { [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS };
  const packed = brotliCompressSync(JSON.stringify(unpackLanguages()), { params }).toString('base64');
  const values = Object.entries({ version, templates, assets, english });
  const lines = values.map(([name, value]) => `exports.${name} = ${JSON.stringify(value)};\n`);
  const unpack =
    'let languages;\n' +
    "exports.unpackLanguages = () => languages ??= JSON.parse(require('node:zlib').brotliDecompressSync(Buffer.from(" +
    `'${packed}', 'base64')).toString());\n`;
  writeFileSync(path.join(DIST, FILES_MODULE), `'use strict';\n${lines.join('')}${unpack}`);
}

rmSync(DIST, { recursive: true, force: true });
mkdirSync(path.join(DIST, 'emulator'), { recursive: true });
await Promise.all([
  // Without indentation, the package stays below its size limit.
  writeCode('index', COMPACT),
  writeCode('emulator/index', COMPACT),
  // The command shares the emulator's code with who imports it.
  writeCode('emulator/command', { ...COMPACT, external: ['./index.js'] }),
  ...ENTRY_POINTS.map(writeDeclarations),
]);
ENTRY_POINTS.forEach(writeModule);
writeFiles(shippedFiles);
