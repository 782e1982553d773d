import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { allGuides, proseOf, ROOT } from './support/markdown.js';

const read = (name: string) => readFileSync(path.join(ROOT, name), 'utf8');

/** The names of the fields that an interface of a file has. */
function fieldsOf(file: string, name: string): string[] {
  const [, body = ''] = read(file).split(`export interface ${name}`);
  return [...(body.split(/^\}/m)[0] ?? '').matchAll(/^ {2}(?:readonly )?(\w+)\??:/gm)].map(([, field]) => field ?? '');
}

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

  it('are all in the list of guides', () => {
    const listed = read('docs/README.md');
    for (const { name } of guides) {
      if (name.startsWith('docs/') && name !== 'docs/README.md') {
        assert.ok(listed.includes(`(${name.replace('docs/', '')})`), name);
      }
    }
  });

  it('name every option and every event', () => {
    const options = fieldsOf('src/options.ts', 'TwilioVerifyStrategyOptions');
    assert.ok(options.length > 40);
    const table = read('docs/options-and-events.md');
    for (const option of options) assert.match(table, new RegExp(`^\\|.*\`${option}\`.*\\|.*\\|.*\\|$`, 'm'), option);
    const events = fieldsOf('src/events.ts', 'TwilioVerifyEvents');
    assert.ok(events.length === 9);
    for (const event of events) assert.match(table, new RegExp(`^\\| \`${event}\``, 'm'), event);
  });

  it('name every number of the limits', () => {
    const table = read('docs/options-and-events.md');
    const numbers = fieldsOf('src/limit-numbers.ts', 'LimitOptions');
    assert.ok(numbers.length === 7);
    for (const number of numbers) assert.ok(table.includes(`\`${number}\``), number);
  });

  it('name everything that a page is given', () => {
    const models = read('src/web/models.ts');
    const [, table = ''] = read('docs/views.md').split('## What a page is given');
    const pages = models.slice(0, models.indexOf('/** What each template gets'));
    const names = [...pages.matchAll(/^ {2}readonly (\w+):/gm)].map(([, name]) => name ?? '');
    assert.ok(names.length > 30);
    for (const name of names) assert.match(table, new RegExp(`\\b${name}\\b`), name);
  });
});

describe('CONTRIBUTING.md', () => {
  const listed = [...read('CONTRIBUTING.md').matchAll(/^\| `(src\/[^`]+)` \| .+ \|$/gm)].map(([, file]) => file ?? '');

  it('has one line for each source file, and for nothing else', () => {
    const files = readdirSync(path.join(ROOT, 'src'), { recursive: true, encoding: 'utf8', withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(ROOT, path.join(entry.parentPath, entry.name)));
    assert.ok(files.length > 100);
    assert.deepEqual(
      files.filter((file) => !listed.includes(file)),
      [],
      'these have no line',
    );
    assert.deepEqual(
      listed.filter((file, index) => !files.includes(file) || listed.indexOf(file) !== index),
      [],
      'these are named, and are not there or stand there twice',
    );
  });

  it('has a line for each folder of tests', () => {
    const text = read('CONTRIBUTING.md');
    for (const { name } of readdirSync(path.join(ROOT, 'test'), { withFileTypes: true }).filter((e) =>
      e.isDirectory(),
    )) {
      assert.match(text, new RegExp(`^\\| \`test/${name}\` \\|`, 'm'), name);
    }
  });
});

/** The anchors that a page makes of its headings, and those that it names itself. */
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
