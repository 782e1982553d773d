import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const LEFT_OUT = ['.git', 'dist', 'node_modules'];

/** A copy of the repository, whose sources can be changed while the original is in use. */
export class WorkingCopy {
  readonly root = mkdtempSync(path.join(tmpdir(), 'sample-mutants-'));

  constructor(original: string) {
    const left = LEFT_OUT.map((name) => path.join(original, name));
    cpSync(original, this.root, { recursive: true, filter: (source) => !left.includes(source) });
    symlinkSync(realpathSync(path.join(original, 'node_modules')), path.join(this.root, 'node_modules'));
  }

  read(file: string): string {
    return readFileSync(path.join(this.root, file), 'utf8');
  }

  write(file: string, text: string): void {
    writeFileSync(path.join(this.root, file), text);
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
