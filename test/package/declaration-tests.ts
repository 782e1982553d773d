import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { ANNOTATED, APPLICATION, TYPES } from './consumer-types.js';
import { type Project, ROOT, type Run } from './support.js';

/** As a project that has set nothing to look away. */
const STRICT = {
  target: 'es2023',
  strict: true,
  noEmit: true,
  noUncheckedIndexedAccess: true,
  esModuleInterop: true,
  skipLibCheck: false,
  // TypeScript's own declarations are not in question, and take a third of the time.
  skipDefaultLibCheck: true,
  types: ['node'],
};

/** Which file is found depends on the resolution only. One of them also tests exact types. */
const PROJECTS = [
  { name: 'nodenext', options: { module: 'nodenext' } },
  {
    name: 'nodenext, with exactOptionalPropertyTypes',
    options: { module: 'nodenext', exactOptionalPropertyTypes: true },
  },
  { name: 'node16', options: { module: 'node16' } },
  { name: 'bundler', options: { module: 'esnext', moduleResolution: 'bundler' } },
];

/** The packages `@types/express`, `@types/passport` and `@types/node`, and their dependencies. */
const TYPES_OF_EXPRESS =
  /^@types\/(body-parser|connect|express(-serve-static-core)?|http-errors|mime|passport|qs|range-parser|send|serve-static)$/;
const EXPECTED = /^(@types\/node|undici-types|passport-twilio-verify)$/;

/** Uses the declarations as a strict project does. */
export function testDeclarations(given: () => Project): void {
  async function compile(name: string, files: readonly string[], options: object, ...args: string[]): Promise<Run> {
    const config = { compilerOptions: { ...STRICT, ...options }, files };
    const configFile = given().write(`tsconfig-${name}.json`, JSON.stringify(config));
    return given().node(require.resolve('typescript/bin/tsc', { paths: [ROOT] }), '-p', configFile, ...args);
  }

  describe('the declarations', { concurrency: 2 }, () => {
    it('the declarations name no package except Express and Passport', () => {
      const folder = path.join(given().installed, 'dist');
      const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
        /\.d\.m?ts$/.test(file),
      );
      assert.equal(files.length, 4);
      const named = new Set<string>();
      for (const file of files) {
        const text = readFileSync(path.join(folder, file), 'utf8');
        for (const [, name = ''] of text.matchAll(/(?:from|import|require)\s*\(?\s*['"]([^'"]+)['"]/g)) named.add(name);
        for (const [, name = ''] of text.matchAll(/<reference types="([^"]+)"/g)) named.add(name);
      }
      assert.deepEqual([...named].filter((name) => !/^(\.|node:)/.test(name)).sort(), ['express', 'passport']);
    });

    for (const { name, options } of PROJECTS) {
      it(`the declarations accept correct code and reject wrong code: ${name}`, async () => {
        const files = ['ts', 'mts', 'cts'].flatMap((extension) => [
          given().write(`application.${extension}`, APPLICATION),
          given().write(`types.${extension}`, TYPES),
        ]);
        await compile(name.replace(/\W+/g, '-'), files, options);
      });
    }

    it('the declarations need only the types of Express, Passport, and Node, and an options object has its published type', async () => {
      const files = [given().write('annotated.ts', ANNOTATED)];
      const { stdout } = await compile('annotated', files, { module: 'nodenext', types: [] }, '--listFiles');
      // The compiler's own files are elsewhere.
      const modules = path.join(given().folder, 'node_modules', path.sep);
      const paths = stdout.split('\n').filter((line) => line.startsWith(modules));
      const packages = paths.map((line) => /^(@[^/]+\/)?[^/]+/.exec(line.slice(modules.length))?.[0] ?? line);
      assert.ok(packages.includes('passport-twilio-verify'));
      const others = [...new Set(packages)].filter((found) => !EXPECTED.test(found) && !TYPES_OF_EXPRESS.test(found));
      assert.deepEqual(others, []);
    });
  });
}
