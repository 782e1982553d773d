import { source } from 'axe-core';
import type { Page } from 'playwright-core';

/** Returns axe-core's findings on a page, one line per element: WCAG 2.2 A and AA, and its best practices. */
export async function axe(page: Page): Promise<readonly string[]> {
  await page.evaluate(source);
  return page.evaluate<string[]>(`(async () => {
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const { violations, incomplete } = await axe.run(document, { runOnly: tags });
    return [...violations, ...incomplete].flatMap(({ id, nodes }) =>
      nodes.map(({ html, any }) => [id, html.slice(0, 120), ...any.map(({ message }) => message)].join(' · ')));
  })()`);
}
