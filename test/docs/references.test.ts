import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { parse as parseYaml } from 'yaml';
import { declarationOf, fieldsOf, SOURCES } from '../support/sources.js';
import { allGuides, proseOf, ROOT } from './support/markdown.js';

const read = (name: string) => readFileSync(path.join(ROOT, name), 'utf8');

describe('the guides', () => {
  const guides = allGuides();

  for (const { name, text } of guides) {
    it(`link to what exists: ${name}`, () => {
      const prose = proseOf(text);
      const targets = [...prose.matchAll(/(?:\]\(|(?:src|href)=")(?!https?:|mailto:)([^)"\s]+)/g)];
      for (const [, target = ''] of targets) {
        const [file = '', anchor] = target.split('#');
        const linked = file === '' ? name : path.join(path.dirname(name), file);
        assert.ok(existsSync(path.join(ROOT, linked)), target);
        if (anchor !== undefined && linked.endsWith('.md')) assert.ok(anchorsIn(linked).includes(anchor), target);
      }
    });
  }

  const inDocs = guides.filter(({ name }) => name.startsWith('docs/') && name !== 'docs/README.md');

  it('the guides are all in the list of guides, in the order of its front matter', () => {
    const index = read('docs/README.md');
    const { children } = frontMatterOf(index);
    assert.deepEqual(
      [...index.matchAll(/^- \[[^\]]+\]\(([^)]+)\):/gm)].map(([, file]) => file),
      children,
    );
    assert.deepEqual([...(children ?? [])].sort(), inDocs.map(({ name }) => name.replace('docs/', '')).sort());
  });

  for (const { name, text } of inDocs) {
    it(`the title in the front matter is the heading of the guide: ${name}`, () => {
      assert.match(text, new RegExp(`^---\\n[^]*?^# ${frontMatterOf(text).title}$`, 'm'));
    });
  }

  it('the guides name every option and every event', () => {
    const options = fieldsOf('TwilioVerifyStrategyOptions');
    assert.ok(options.length > 40);
    const table = read('docs/options-and-events.md');
    for (const option of options) assert.match(table, new RegExp(`^\\|.*\`${option}\`.*\\|.*\\|.*\\|$`, 'm'), option);
    const events = fieldsOf('TwilioVerifyEvents');
    assert.ok(events.length === 17);
    for (const event of events) assert.match(table, new RegExp(`^\\| \`${event}\``, 'm'), event);
  });

  it('the guides name every number of the limits', () => {
    const table = read('docs/options-and-events.md');
    const numbers = fieldsOf('LimitOptions');
    assert.ok(numbers.length === 8);
    for (const number of numbers) assert.ok(table.includes(`\`${number}\``), number);
  });

  it('the guides name every value that a page receives', () => {
    const [, table = ''] = read('docs/customize-pages.md').split('## Model of each page');
    const views = [...declarationOf('interface', 'ViewModels').matchAll(/: (\w+);/g)].map(([, model]) => model ?? '');
    const names = ['BaseModel', 'FormError', 'MethodChoice', 'CountryChoice', ...new Set(views)].flatMap(fieldsOf);
    assert.ok(names.length > 30);
    for (const name of names) assert.match(table, new RegExp(`\\b${name}\\b`), name);
  });
});

describe('CONTRIBUTING.md', () => {
  it('CONTRIBUTING.md shows every folder of src', () => {
    const text = read('CONTRIBUTING.md');
    const folders = [...SOURCES.keys()].map((file) => file.split('/')).filter((parts) => parts.length > 2);
    for (const folder of new Set(folders.map(([, name]) => name)))
      assert.match(text, new RegExp(`\\b${folder}/`), folder);
  });

  it('CONTRIBUTING.md shows every folder of src/core', () => {
    const text = read('CONTRIBUTING.md');
    const folders = [...SOURCES.keys()].map((file) => path.dirname(path.relative('src', file)));
    const inCore = new Set(folders.filter((folder) => folder.startsWith('core/')));
    assert.ok(inCore.size > 5);
    for (const folder of inCore) assert.match(text, new RegExp(`\\b${folder}/`), folder);
  });

  it('CONTRIBUTING.md has a line for each folder of tests', () => {
    const text = read('CONTRIBUTING.md');
    for (const { name } of readdirSync(path.join(ROOT, 'test'), { withFileTypes: true }).filter((e) =>
      e.isDirectory(),
    )) {
      assert.match(text, new RegExp(`^\\| \`test/${name}\` \\|`, 'm'), name);
    }
  });
});

/** The settings at the top of a guide, for the site. */
function frontMatterOf(text: string): { readonly title?: string; readonly children?: readonly string[] } {
  return parseYaml(/^---\n(.*?)^---$/ms.exec(text)?.[1] ?? '') ?? {};
}

/** The anchors of a page's headings, and those that it names itself. */
function anchorsIn(name: string): string[] {
  const text = read(name);
  const headings = [...text.replace(/^```.*?^```$/gms, '').matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_\- ]/gu, '')
      .replaceAll(' ', '-'),
  );
  return [...headings, ...[...text.matchAll(/<a id="([^"]+)">/g)].map(([, id]) => id ?? '')];
}
