import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { allGuides, ROOT } from './support/markdown.js';
import { programsOf } from './support/programs.js';

/** The prerequisites of a guide: the reader's own files, and other packages. */
const READERS_OWN: Readonly<Record<string, string>> = {
  './users.js': `
    export interface User { id: string; phoneNumber?: string }
    export declare const users: {
      byPassword(name: string, password: string): User | undefined;
      setPhoneNumber(id: string, phoneNumber: string): Promise<void>;
      tellByMail(id: string, previous: string | undefined): Promise<void>;
    };`,
  './two-factor.js': `
    import type { TwilioVerifyStrategy } from 'passport-twilio-verify';
    import type { User } from './users.js';
    export declare const twoFactor: TwilioVerifyStrategy<User>;`,
  './factor-store.js': `
    import type { FactorStore } from 'passport-twilio-verify';
    export declare function createFactorStore(): FactorStore;`,
  './tokens.js': 'export declare function signToken(claims: object): Promise<string>;',
};
const OTHERS: Readonly<Record<string, string>> = {
  supertest: `declare module "supertest" {
    interface Test extends PromiseLike<{ text: string }> {
      type(name: string): Test;
      send(body: object): Test;
      expect(status: number): Test;
      expect(header: string, value: string): Test;
    }
    const request: { agent(app: object): { get(path: string): Test; post(path: string): Test } };
    export default request;
  }`,
  vitest: 'declare module "vitest" { export { test } from "node:test"; export { expect } from "@jest/globals"; }',
  '@jest/globals': `declare module "@jest/globals" {
    export { test } from "node:test";
    export const expect: (value: unknown) => { toBe(value: unknown): void; toContain(value: unknown): void };
  }`,
};

describe('the code of the guides', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'guides-'));
  after(() => rmSync(folder, { recursive: true }));

  it('compiles, strictly, against the sources', () => {
    const programs = allGuides().flatMap(programsOf);
    assert.ok(programs.length >= 8);
    symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
    writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }');
    writeFileSync(path.join(folder, 'others.d.ts'), Object.values(OTHERS).join('\n'));
    const written = programs.flatMap(({ from, files }) => {
      const own = path.join(folder, from.replace(/\W+/g, '-'));
      for (const [name, stub] of Object.entries(READERS_OWN)) write(path.join(own, name.replace(/\.js$/, '.ts')), stub);
      return [...files].map(([name, source]) => write(path.join(own, name), source));
    });
    const compilerOptions = {
      paths: {
        'passport-twilio-verify': [path.join(ROOT, 'src/index.ts')],
        'passport-twilio-verify/emulator': [path.join(ROOT, 'src/emulator/index.ts')],
      },
      typeRoots: [path.join(ROOT, 'node_modules/@types')],
      lib: ['es2023', 'dom'],
      emitDecoratorMetadata: true,
    };
    const files = [path.join(folder, 'others.d.ts'), ...written];
    write(
      path.join(folder, 'tsconfig.json'),
      JSON.stringify({ extends: path.join(ROOT, 'tsconfig.json'), compilerOptions, include: [], files }),
    );
    const tsc = spawnSync(process.execPath, [path.join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', folder]);
    assert.equal(tsc.stdout.toString(), '');
    assert.equal(tsc.status, 0);
  });
});

function write(file: string, text: string): string {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}
