import { source } from 'axe-core';
import type { Page } from 'playwright-core';

/** The rules that depend on the colors. They take longest. */
const RULES_OF_COLORS = ['color-contrast', 'link-in-text-block'];

/**
 * Returns axe-core's findings on a page, one line per element: WCAG 2.2 A and AA, and its best practices.
 *
 * @param part - For a page that was checked in another color scheme, or in another language of the same color scheme.
 */
export async function axe(
  page: Page,
  part: 'everything' | 'colors' | 'not colors' = 'everything',
): Promise<readonly string[]> {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
  const rules = Object.fromEntries(RULES_OF_COLORS.map((rule) => [rule, { enabled: false }]));
  const options =
    part === 'colors' ? { runOnly: RULES_OF_COLORS } : { runOnly: tags, ...(part === 'not colors' && { rules }) };
  await page.evaluate(`if (!window.axe) {${source}}`);
  return page.evaluate<string[]>(`(async () => {
    const { violations, incomplete } = await axe.run(document, ${JSON.stringify(options)});
    return [...violations, ...incomplete].flatMap(({ id, nodes }) =>
      nodes.map(({ html, any }) => [id, html.slice(0, 120), ...any.map(({ message }) => message)].join(' · ')));
  })()`);
}
