import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { transformSync } from 'esbuild';
import { Environment } from 'nunjucks';
import { parse as parseYaml } from 'yaml';
import { allGuides, type Block, blocksOf, ROOT } from './support/markdown.js';

interface Manifest {
  readonly name: string;
  readonly scripts: Readonly<Record<string, string>>;
  readonly bin: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}
const MANIFEST: Manifest = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));

/** Not installed here, but in the projects in which the guides are followed. */
const INSTALLED_BY_READERS = ['jest', 'vitest', '@swc/core', '@swc/jest', 'supertest', '@types/supertest'];

/** Programs that come with a package of another name, or with npm. */
const PROGRAMS = ['tsx', 'tsc', 'twilio-verify-emulator', 'jest', 'vitest', 'esbuild'];

/** The rules for each language. Guides use only the languages in this list. */
const CHECKS: Readonly<Record<string, (block: Block) => void>> = {
  // Compiled by compile.test.ts; those with a name are run by guides.test.ts.
  ts: () => {},
  tsx: ({ text }) => void transformSync(text, { loader: 'tsx' }),
  js: ({ text }) => void transformSync(text, { loader: 'js' }),
  python: checkPython,
  // Run by test/sessions/factor-stores.test.ts.
  sql: ({ text }) => assert.match(text, /^create table \w+ \(.+\);\n$/),
  css: ({ text }) => {
    const { warnings } = transformSync(text, { loader: 'css' });
    assert.deepEqual(warnings, []);
  },
  json: ({ text }) => void JSON.parse(text),
  yaml: ({ text }) => void parseYaml(text),
  // A page, or a template of one.
  html: ({ text }) => void new Environment(null, { throwOnUndefined: false }).renderString(withoutExtends(text), {}),
  http: checkHttp,
  // Applied to the file by guides.test.ts.
  diff: ({ text }) => assert.match(text, /^(?:(?:[ +-].*|@@)\n)+$/),
  nginx: checkProxy,
  caddyfile: checkProxy,
  sh: checkCommands,
  // A picture of the folders of src.
  text: ({ text }) => {
    const folders = [...text.matchAll(/(?<=^|\s)([\w/]+)\/(?=\s)/gm)].map(([, folder]) => folder ?? '');
    assert.ok(folders.length > 0);
    for (const folder of folders) assert.ok(existsSync(path.join(ROOT, 'src', folder)), folder);
  },
};

describe('every block of every guide', () => {
  const blocks = allGuides().flatMap((guide) => guide.blocks.map((block) => ({ guide: guide.name, block })));

  for (const { guide, block } of blocks) {
    it(`the block is correct: ${guide}:${block.line}, ${block.language || 'without a language'}`, () => {
      const check = CHECKS[block.language];
      assert.ok(check, `"${block.language}" is none of ${Object.keys(CHECKS).join(', ')}`);
      check(block);
    });
  }

  it('every block is found', () => {
    assert.ok(blocks.length > 20);
    const found = blocksOf('# One\n\n```ts file=a.ts\nx\n```\n## Two\n```\ny\n```\n');
    assert.deepEqual(found, [
      { language: 'ts', file: 'a.ts', text: 'x\n', line: 3, headings: ['One'] },
      { language: '', file: undefined, text: 'y\n', line: 7, headings: ['One', 'Two'] },
    ]);
  });
});

/** A template that stands alone here: what it extends and includes lies beside it only in an application. */
function withoutExtends(text: string): string {
  return text.replace(/\{% (?:extends|include) [^%]*%\}/g, '');
}

/** A request, or an answer, and its body. */
function checkHttp({ text }: Block): void {
  const [head = '', ...bodies] = text.trimEnd().split('\n\n');
  assert.match(head, /^(?:(?:GET|POST) \/\S*(?: HTTP\/1\.1)?|HTTP\/1\.1 \d{3} [A-Z].*)(?:\n[\w-]+: .+)*$/);
  const body = bodies.join('\n\n').trim();
  if (body.startsWith('{')) JSON.parse(body);
}

/** The settings of a reverse proxy: braces match, and lines of nginx end as they must. */
function checkProxy({ language, text }: Block): void {
  let depth = 0;
  for (const line of text.trimEnd().split('\n')) {
    if (language === 'nginx') assert.match(line, /^(?: {2})*(?:\S.*[;{]|\})$|^$/);
    depth += (line.match(/\{$/g) ?? []).length - (/^\s*\}$/.test(line) ? 1 : 0);
    assert.ok(depth >= 0, line);
  }
  assert.equal(depth, 0);
}

/** Parses a program of Python. test/emulator/sdks.test.ts runs it. */
function checkPython({ text }: Block): void {
  const parse = ['-c', 'import ast, sys; ast.parse(sys.stdin.read())'];
  const { status, stderr, error } = spawnSync('python3', parse, { input: text });
  if (error === undefined || process.env.CI) assert.equal(status, 0, String(error ?? stderr));
}

/** Commands are of a right form, and name scripts, packages and programs that there are. */
function checkCommands({ text }: Block): void {
  const { status, stderr } = spawnSync('sh', ['-n'], { input: text });
  assert.equal(status, 0, stderr.toString());
  const lines = text.replace(/\\\n/g, ' ').replace(/(?:^|\s)#.*$/gm, '');
  for (const command of lines.split(/\n|&&|\||;|&(?!\w)/).map((part) => part.trim())) {
    const ownPackage = new RegExp(`(?<=^npx )-p ${MANIFEST.name} `);
    const words = command.replace(/^(?:\w+=\S*\s+)+/, '').replace(ownPackage, '');
    const [program = '', verb = '', ...rest] = words.split(/\s+/);
    if (program === 'npm') checkNpm(verb, rest);
    if (program === 'npx') assert.ok(PROGRAMS.includes(verb), `there is no program ${verb}`);
  }
}

function checkNpm(verb: string, rest: readonly string[]): void {
  const { name, scripts, dependencies, devDependencies } = MANIFEST;
  const script = verb === 'run' ? rest[0] : ['start', 'test'].includes(verb) ? verb : undefined;
  if (script !== undefined) assert.ok(Object.hasOwn(scripts, script), `there is no script ${script}`);
  else assert.ok(['ci', 'init', 'pkg', 'install'].includes(verb), `npm ${verb}`);
  if (verb !== 'install') return;
  const known = [name, ...Object.keys(dependencies), ...Object.keys(devDependencies), ...INSTALLED_BY_READERS];
  for (const wanted of rest.filter((word) => !word.startsWith('-'))) {
    assert.ok(known.includes(wanted.replace(/(?<=.)@[^/]*$/, '')), `${wanted} is used nowhere here`);
  }
}
