import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Renderer } from '../../../src/pages/renderer.js';

const TEMPLATES = {
  'start.html': '{% extends "_base.html" %}{% block content %}ours{% endblock %}',
  '_base.html': '<main>{% block content %}{% endblock %}</main>',
};

describe('Renderer', () => {
  const german = (key: string) => `deutsch ${key}`;
  const t = (key: string, values = {}) => [key, ...Object.values(values)].join(' ');
  let folder: string;
  const render = (folders: readonly string[], templates: Readonly<Record<string, string>> = TEMPLATES) =>
    new Renderer(folders, () => ({ templates })).render('start', { t } as never);
  before(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'views-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  const write = (name: string, text: string) => writeFileSync(path.join(folder, name), text);

  it('renders our templates without a folder', () => assert.equal(render([]), '<main>ours</main>'));

  it('compiles our templates once, for all strategies without a folder', () => {
    const read: string[] = [];
    const templates = new Proxy(TEMPLATES, {
      get: (target, name) => {
        read.push(String(name));
        return Reflect.get(target, name);
      },
    });
    assert.equal(render([], templates), render([], templates));
    assert.deepEqual(read, ['start.html', '_base.html']);
    write('_base.html', '<body>{% block content %}{% endblock %}</body>');
    assert.equal(render([folder], templates), '<body>ours</body>');
    assert.equal(render([], templates), '<main>ours</main>', 'a folder of one strategy is not of the others');
    rmSync(path.join(folder, '_base.html'));
  });

  it('prefers a template of the app, which can extend ours', () => {
    write('start.html', '{% extends "_base.html" %}{% block content %}of the app{% endblock %}');
    assert.equal(render([folder]), '<main>of the app</main>');
  });

  for (const tag of ['extends "_nope.html"', 'include "_nope.html"', 'from "_nope.html" import x']) {
    it(`names a template that is missing in {% ${tag} %}, and the folder`, () => {
      write('start.html', `{% ${tag} %}`);
      assert.throws(() => render([folder]), {
        code: 'ERR_TWILIO_VERIFY_FILE',
        message: new RegExp(`"_nope\\.html" is missing: .*${folder}.*"views"`),
      });
    });
  }

  it('names one of our own templates that is missing', () => {
    assert.throws(() => render([], { 'start.html': TEMPLATES['start.html'] }), {
      code: 'ERR_TWILIO_VERIFY_FILE',
      message: /"_base\.html" is missing/,
    });
  });

  const pages = [
    { name: 'escapes a text', template: `{{ t('<b>&"') }}`, page: '&lt;b&gt;&amp;&quot;' },
    { name: 'escapes the values of a text', template: `{{ t('to', { to: '<b>' }) }}`, page: 'to &lt;b&gt;' },
    { name: 'escapes a text that a template joins to another', template: `{{ t('a') + '<b>' }}`, page: 'a&lt;b&gt;' },
    { name: 'leaves a text unescaped if the template says so', template: `{{ t('<b>') | safe }}`, page: '<b>' },
    { name: 'treats an empty text as false', template: `{{ 'full' if t('') else 'empty' }}`, page: 'empty' },
    { name: 'compares texts', template: `{{ 'same' if t('a') == 'a' else 'other' }}`, page: 'same' },
    {
      name: 'filters texts',
      template: `{{ t('abc') | upper | replace('B', '-') }} {{ t('abc').length }}`,
      page: 'A-C 3',
    },
  ];
  for (const { name, template, page } of pages) {
    it(`${name}, on the first page and on the next ones`, () => {
      const renderer = new Renderer([], () => ({ templates: { 'start.html': template } }));
      for (let count = 0; count < 3; count += 1) assert.equal(renderer.render('start', { t } as never), page);
    });
  }

  const own = [
    { name: 'replaces by markup', template: `{{ t('a b') | replace('b', '<i>') }}`, page: 'a &lt;i&gt;' },
    { name: 'cuts off with markup', template: `{{ t('abcdef') | truncate(3, true, '<i>') }}`, page: 'abc&lt;i&gt;' },
    { name: 'writes JSON', template: `{{ t('a b') | dump | safe }}`, page: '"a b"' },
    { name: 'writes a URL', template: `{{ t('a b') | urlencode }}`, page: 'a%20b' },
    { name: 'uses a text as a value', template: `{{ t('to', { to: t('a') }) }}`, page: 'to a' },
    { name: 'compares two texts', template: `{{ 'same' if t('a') === t('a') else 'other' }}`, page: 'same' },
    { name: 'searches a list', template: `{{ 'found' if t('a') in ['a'] else 'missing' }}`, page: 'found' },
  ];
  for (const { name, template, page } of own) {
    it(`gives strings to a template of the app, which ${name}`, () => {
      write('start.html', template);
      const renderer = new Renderer([folder], () => ({ templates: TEMPLATES }));
      for (let count = 0; count < 2; count += 1) assert.equal(renderer.render('start', { t } as never), page);
    });
  }

  it('renders each language with its own texts', () => {
    const renderer = new Renderer([], () => ({ templates: { 'start.html': `{{ t('a') }}` } }));
    for (const language of ['en', 'de', 'en']) {
      const own = language === 'en' ? t : german;
      assert.equal(renderer.render('start', { t: own } as never), own('a'));
    }
  });

  it('knows no template by the name of a property of every object', () => {
    write('start.html', '{% include "constructor" %}');
    assert.throws(() => render([folder]), { code: 'ERR_TWILIO_VERIFY_FILE' });
  });

  it('passes on any other error of a template', () => {
    write('start.html', '{{ nothing.at.all() }}');
    assert.throws(
      () => render([folder]),
      (error: Error & { code?: string }) => error.code === undefined,
    );
  });
});
