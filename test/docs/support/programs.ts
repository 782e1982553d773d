import type { Guide } from './markdown.js';

/** The files that belong together: they are compiled as one project. */
export interface Program {
  /** The place where it begins, such as `README.md:38`. */
  readonly from: string;
  /** By name. */
  readonly files: ReadonlyMap<string, string>;
}

/**
 * The TypeScript of a guide. A block with imports begins a program, and one without imports continues it. A block with
 * a name is a file. Files that follow with other names belong to the same project. Later blocks continue the last file
 * of their name.
 */
export function programsOf({ name, blocks }: Guide): Program[] {
  const programs: { from: string; files: Map<string, string>; last: string }[] = [];
  for (const { language, file, text, line } of blocks) {
    if (language !== 'ts') continue;
    const current = programs.at(-1);
    if (file !== undefined) {
      const isOfTheSame = current !== undefined && !current.files.has(UNNAMED) && !current.files.has(file);
      if (isOfTheSame) {
        current.files.set(file, text);
        current.last = file;
      } else programs.push({ from: `${name}:${line}`, files: new Map([[file, text]]), last: file });
    } else if (current !== undefined && !/^import /m.test(text)) {
      current.files.set(current.last, `${current.files.get(current.last)}\n${text}`);
    } else programs.push({ from: `${name}:${line}`, files: new Map([[UNNAMED, text]]), last: UNNAMED });
  }
  return programs.map(({ from, files }) => ({ from, files }));
}

const UNNAMED = 'program.ts';
