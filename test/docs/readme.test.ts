import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';

const ROOT = path.join(__dirname, '..', '..');
const README = readFileSync(path.join(ROOT, 'README.md'), 'utf8');
const VIEWS = readFileSync(path.join(ROOT, 'docs/views.md'), 'utf8');

/** The TypeScript of a text; a block without an import goes on with the one before it. */
function programs(text: string): string[] {
  const found: string[] = [];
  for (const [, block = ''] of text.matchAll(/^```ts\n(.*?)^```$/gms)) {
    if (block.includes('import ')) found.push(block);
    else found.push(`${found.pop() ?? ''}\n${block}`);
  }
  return found;
}

describe('the README and the guide to the views', () => {
  it('have code that compiles', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'readme-'));
    try {
      symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
      writeFileSync(
        path.join(folder, 'users.mts'),
        `export interface User { id: string; phoneNumber?: string }
         export declare const users: {
           setPhoneNumber(id: string, phoneNumber: string): Promise<void>;
           tellByMail(id: string, previous: string | undefined): Promise<void>;
         };`,
      );
      const sources = [...programs(README), ...programs(VIEWS)];
      assert.ok(sources.length >= 5);
      const files = sources
        .filter((source) => !source.includes("'./support/app'"))
        .map((source, index) => {
          const file = path.join(folder, `program-${index}.mts`);
          writeFileSync(file, source.replace("'./users.js'", "'./users.mjs'"));
          return file;
        });
      writeFileSync(
        path.join(folder, 'tsconfig.json'),
        JSON.stringify({
          extends: path.join(ROOT, 'tsconfig.json'),
          compilerOptions: {
            paths: {
              'passport-twilio-verify': [path.join(ROOT, 'src/index.ts')],
              'passport-twilio-verify/emulator': [path.join(ROOT, 'src/emulator/index.ts')],
            },
            typeRoots: [path.join(ROOT, 'node_modules/@types')],
          },
          include: [],
          files,
        }),
      );
      const tsc = spawnSync(process.execPath, [path.join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', folder]);
      assert.equal(tsc.stdout.toString(), '');
      assert.equal(tsc.status, 0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('links to files that exist', () => {
    const targets = [...README.matchAll(/(?:\]\(|src=")(?!https?:)([^)#"]+)/g)].map(([, target]) => target ?? '');
    assert.ok(targets.length > 3);
    for (const target of targets) assert.ok(existsSync(path.join(ROOT, target)), target);
  });

  it('names every option and every event', () => {
    const options = readFileSync(path.join(ROOT, 'src/options.ts'), 'utf8');
    const [, body = ''] = options.split('export interface TwilioVerifyStrategyOptions');
    const names = [...body.matchAll(/^ {2}(\w+)\??:/gm)].map(([, name]) => name ?? '');
    assert.ok(names.length > 40);
    for (const name of names) assert.ok(README.includes(`\`${name}\``), name);
    const events = readFileSync(path.join(ROOT, 'src/events.ts'), 'utf8').split(
      'export interface TwilioVerifyEvents',
    )[1];
    for (const [, name] of (events ?? '').split('}')[0]?.matchAll(/^ {2}(\w+):/gm) ?? []) {
      assert.ok(README.includes(`\`${name}\``), name);
    }
  });

  it('name everything that a page is given', () => {
    const models = readFileSync(path.join(ROOT, 'src/web/models.ts'), 'utf8');
    const [, table = ''] = VIEWS.split('## What a page is given');
    const pages = models.slice(0, models.indexOf('/** What each template gets'));
    const names = [...pages.matchAll(/^ {2}readonly (\w+):/gm)].map(([, name]) => name ?? '');
    assert.ok(names.length > 30);
    for (const name of names) assert.match(table, new RegExp(`\\b${name}\\b`), name);
  });
});
