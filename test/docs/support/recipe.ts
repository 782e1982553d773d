import { transformSync } from 'esbuild';
import { allGuides, type Block } from './markdown.js';

/** The first block of one language below a heading of a guide. */
export function blockOf(guide: string, heading: string, language: string): Block {
  const blocks = allGuides().find(({ name }) => name === guide)?.blocks ?? [];
  const block = blocks.find((each) => each.language === language && each.headings.includes(heading));
  if (!block) throw new Error(`${guide} has no block of ${language} below "${heading}"`);
  return block;
}

/**
 * Runs a block of TypeScript exactly as the guide shows it, and returns its exports.
 *
 * @param modules - The modules that the reader has, by the name in the import.
 */
export function exportsOf<T>(block: Block, modules: Readonly<Record<string, unknown>> = {}): T {
  const module = { exports: {} as T };
  const { code } = transformSync(block.text, { loader: 'ts', format: 'cjs' });
  new Function('module', 'exports', 'require', code)(
    module,
    module.exports,
    (name: string) => modules[name] ?? require(name),
  );
  return module.exports;
}
