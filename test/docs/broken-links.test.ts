import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';

const PAGE = '<h2 id="a-part">A part</h2><a href="guides/one.html#start">one</a>';

const LINKS = [
  { name: 'a page', html: '<a href="../index.html">home</a>', isBroken: false },
  { name: 'an anchor of another page', html: '<a href="../index.html#a-part">part</a>', isBroken: false },
  { name: 'an anchor of this page', html: '<a href="#start">start</a>', isBroken: false },
  { name: 'a page with a query', html: '<a href="../index.html?q=1">home</a>', isBroken: false },
  { name: 'a file with an escaped name', html: '<img src="a%20b.png">', isBroken: false },
  { name: 'another site', html: '<a href="https://example.com/x">x</a>', isBroken: false },
  { name: 'a link in a script', html: '<script>x = \'<a href="nowhere.html">\'</script>', isBroken: false },
  { name: 'a link in a code block', html: '<code>&lt;a href="nowhere.html"&gt;</code>', isBroken: false },
  { name: 'a missing page', html: '<a href="two.html">two</a>', isBroken: true },
  { name: 'a missing picture', html: '<img src="b.png">', isBroken: true },
  { name: 'a missing script', html: '<script src="b.js"></script>', isBroken: true },
  { name: 'a missing anchor of this page', html: '<a href="#end">end</a>', isBroken: true },
  { name: 'a missing anchor of another page', html: '<a href="../index.html#no-part">part</a>', isBroken: true },
  { name: 'a folder', html: '<a href="../guides">guides</a>', isBroken: true },
  { name: 'a file outside of the site', html: '<a href="../../index.html">up</a>', isBroken: true },
  { name: 'a guide that is a download', html: '<a href="../media/two.md">two</a>', isBroken: true },
  { name: 'an address that cannot be read', html: '<a href="https://[x">x</a>', isBroken: true },
];

describe('brokenLinks', () => {
  const base = mkdtempSync(path.join(os.tmpdir(), 'links-'));
  const folder = path.join(base, 'site');
  let brokenLinks: (folder: string) => string[];
  before(async () => {
    ({ brokenLinks } = await import('../../scripts/broken-links.mjs'));
    for (const name of ['guides', 'media']) mkdirSync(path.join(folder, name), { recursive: true });
    writeFileSync(path.join(base, 'index.html'), PAGE);
    writeFileSync(path.join(folder, 'index.html'), PAGE);
    for (const name of ['guides/a b.png', 'media/two.md']) writeFileSync(path.join(folder, name), '');
  });
  after(() => rmSync(base, { recursive: true, force: true }));

  for (const { name, html, isBroken } of LINKS) {
    it(`brokenLinks ${isBroken ? 'reports' : 'accepts'} ${name}`, () => {
      writeFileSync(path.join(folder, 'guides/one.html'), `<h1 id="start">Start</h1>${html}`);
      assert.equal(brokenLinks(folder).length, isBroken ? 1 : 0);
    });
  }

  it('brokenLinks names the page and the link', () => {
    writeFileSync(path.join(folder, 'guides/one.html'), '<h1 id="start">Start</h1><a href="two.html">two</a>');
    assert.deepEqual(brokenLinks(folder), ['guides/one.html: two.html']);
  });

  it('brokenLinks throws if there are no pages', () => {
    assert.throws(() => brokenLinks(path.join(folder, 'media')), /has no pages/);
  });
});
