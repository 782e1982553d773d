const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Markup that is safe to put into a page as it is. */
export interface Html {
  readonly markup: string;
}

/** Writes markup; every value in it that is not markup itself is escaped, and a list is joined. */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return { markup: parts.reduce((text, part, index) => text + render(values[index - 1]) + part) };
}

/** A value in markup. */
export type HtmlValue = string | number | Html | readonly Html[] | undefined;

/** Returns trusted text as markup. */
export function trusted(markup: string): Html {
  return { markup };
}

function render(value: HtmlValue): string {
  if (value === undefined) return '';
  if (typeof value === 'object') return 'markup' in value ? value.markup : value.map((item) => item.markup).join('');
  return String(value).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
