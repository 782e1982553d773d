import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ROOT } from '../../support/run-tests.js';
import { type Mutation, mutate } from './mutation.js';

const NOT_COPIED = ['node_modules', '.git', 'dist', 'coverage'];

/** A temporary copy of the repository, in which one mutation at a time replaces the original file. */
export class RepositoryCopy {
  readonly root = mkdtempSync(path.join(os.tmpdir(), 'mutations-'));

  constructor() {
    cpSync(ROOT, this.root, {
      recursive: true,
      filter: (source) => !NOT_COPIED.includes(path.relative(ROOT, source)),
    });
    symlinkSync(realpathSync(path.join(ROOT, 'node_modules')), path.join(this.root, 'node_modules'));
  }

  /** Applies the mutation while `run` runs. */
  async withMutation<T>(mutation: Mutation, run: () => Promise<T>): Promise<T> {
    const file = path.join(this.root, mutation.file);
    const original = readFileSync(file, 'utf8');
    writeFileSync(file, mutate(original, mutation));
    try {
      return await run();
    } finally {
      writeFileSync(file, original);
    }
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
