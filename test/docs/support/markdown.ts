import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const ROOT = path.join(__dirname, '..', '..', '..');

/** A fenced block of a guide. */
export interface Block {
  /** The text after the fence: `ts` of `ts file=app.ts`. */
  readonly language: string;
  /** The file that the reader is to write it into. */
  readonly file: string | undefined;
  readonly text: string;
  /** Line of the fence, from 1. */
  readonly line: number;
  /** The headings above it, outermost first. */
  readonly headings: readonly string[];
}

/** A document and its parts. */
export interface Guide {
  /** Relative to the repository. */
  readonly name: string;
  readonly text: string;
  readonly blocks: readonly Block[];
}

/** Everything that is written for readers. */
export function allGuides(): Guide[] {
  const atTop = readdirSync(ROOT).filter((name) => name.endsWith('.md'));
  const inDocs = readdirSync(path.join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));
  return [...atTop, ...inDocs.map((name) => `docs/${name}`)].map(readGuide);
}

/** Reads one of them. */
export function readGuide(name: string): Guide {
  const text = readFileSync(path.join(ROOT, name), 'utf8');
  return { name, text, blocks: blocksOf(text) };
}

/** The fenced blocks of a text. */
export function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  const headings: string[] = [];
  let open: { readonly info: string; readonly line: number; readonly lines: string[] } | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    if (open) {
      if (line.trimEnd() === '```') {
        const [language = '', ...words] = open.info.split(/\s+/);
        const file = words.find((word) => word.startsWith('file='))?.slice('file='.length);
        blocks.push({ language, file, text: `${open.lines.join('\n')}\n`, line: open.line, headings: [...headings] });
        open = undefined;
      } else open.lines.push(line);
    } else if (line.startsWith('```')) open = { info: line.slice(3).trim(), line: index + 1, lines: [] };
    else {
      const [, marks, title] = /^(#+) (.*)$/.exec(line) ?? [];
      if (marks && title) headings.splice(marks.length - 1, headings.length, title);
    }
  }
  if (open) throw new Error(`The block that begins in line ${open.line} does not end.`);
  return blocks;
}

/** The text without its blocks and without code in lines. */
export function proseOf(text: string): string {
  return text.replace(/^```.*?^```$/gms, '').replace(/`[^`\n]*`/g, '');
}
