import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './run-tests.js';

/** Text of every source file, by its path below the repository. */
export const SOURCES: ReadonlyMap<string, string> = new Map(
  readdirSync(path.join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => path.join('src', file))
    .sort()
    .map((file) => [file, readFileSync(path.join(ROOT, file), 'utf8')]),
);

/** The text of an exported declaration, wherever it is, up to the next line that closes it. */
export function declarationOf(kind: 'interface' | 'type', name: string): string {
  const start = `export ${kind} ${name}`;
  for (const text of SOURCES.values()) {
    const [, found] = text.split(new RegExp(`${start}\\b`));
    if (found !== undefined) return found.split(kind === 'interface' ? /^\}/m : /;$/m, 1)[0] ?? '';
  }
  throw new Error(`no source file has "${start}"`);
}

/** The names of the fields of an exported interface. */
export function fieldsOf(name: string): string[] {
  const fields = declarationOf('interface', name).matchAll(/^ {2}(?:readonly )?(\w+)\??:/gm);
  return [...fields].map(([, field]) => field ?? '');
}
