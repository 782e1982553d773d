import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/**
 * Returns the links of a folder of HTML pages that lead nowhere, as `page: link`. Links to other sites aren't followed.
 */
export function brokenLinks(folder: string): string[] {
  const pages = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.html'));
  if (pages.length === 0) throw new Error(`${folder} has no pages.`);
  const texts = new Map(pages.map((page) => [page, readFileSync(path.join(folder, page), 'utf8')]));
  const anchors = new Map([...texts].map(([page, text]) => [page, attributes(text, 'id|name')]));
  return [...texts].flatMap(([page, text]) => {
    const links = [...attributes(text, 'href|src')];
    return links.filter((link) => !leadsSomewhere(link, page)).map((link) => `${page}: ${link}`);
  });

  function leadsSomewhere(link: string, page: string): boolean {
    if (/^(https?|mailto|data):/.test(link)) return !/^https?:/.test(link) || URL.canParse(link);
    const [, target = '', anchor] = /^([^?#]*)(?:\?[^#]*)?(?:#(.*))?$/.exec(link) ?? [];
    const file = target === '' ? page : path.join(path.dirname(page), decodeURIComponent(target));
    // TypeDoc serves documents that it doesn't know as downloads, in which no link works.
    if (file.endsWith('.md') || file.startsWith('..')) return false;
    if (!existsSync(path.join(folder, file)) || !statSync(path.join(folder, file)).isFile()) return false;
    return !anchor || !anchors.has(file) || anchors.get(file)?.has(decodeURIComponent(anchor)) === true;
  }
}

/** The values of some attributes on a page. Code that shows HTML is escaped, so it has no tags. */
function attributes(html: string, names: string): Set<string> {
  const tags = html.replace(/(<script\b[^>]*>).*?<\/script>/gs, '$1').match(/<[a-z][^>]*>/gi) ?? [];
  const attribute = new RegExp(`\\s(?:${names})="([^"]*)"`, 'g');
  const values = tags.flatMap((tag) => [...tag.matchAll(attribute)].map(([, value = '']) => value));
  return new Set(values.map((value) => value.replaceAll('&amp;', '&')));
}
