import assert from 'node:assert/strict';
import type { RefusalCode } from 'passport-twilio-verify';
import type { TextValues } from '../../src/texts/translation.js';
import { ENGLISH } from './texts.js';

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

/** The visible text of a page, in one line. */
export function readable(html: string): string {
  return html
    .replace(/<head>.*?<\/head>|<script.*?<\/script>|<[^>]+>/gs, ' ')
    .replace(/&(\w+|#\d+);/g, (entity, name: string) => ENTITIES[name] ?? entity)
    .replace(/\s+/g, ' ');
}

/** That a page has a text of `views/locales/en.json`: how it is worded is not what these tests are about. */
export function assertSays(html: string, key: string, values?: TextValues): void {
  const text = ENGLISH.text(key, values);
  assert.ok(readable(html).includes(text), `"${text}" is not in: ${readable(html)}`);
}

/** That a page does not have a text of `views/locales/en.json`. */
export function assertDoesNotSay(html: string, key: string, values?: TextValues): void {
  const text = ENGLISH.text(key, values);
  assert.ok(!readable(html).includes(text), `"${text}" is in: ${readable(html)}`);
}

/** Asserts that a page shows the reason of a refusal. */
export function assertRefuses(html: string, code: RefusalCode, values: TextValues = {}): void {
  assertSays(html, `refusal.${code}`, values);
}

/** Whether a page links to the page with this address. */
export function linksTo(html: string, href: string): boolean {
  return html.includes(`href="${href}"`);
}

/** Whether a page has a form, in sight, that posts to this address. */
export function hasForm(html: string, action: string): boolean {
  const [tag] = html.match(new RegExp(`<form[^>]* action="${action}"[^>]*>`)) ?? [];
  return tag !== undefined && !/\bhidden\b/.test(tag);
}

/** The value of a form field. */
export function typedIn(html: string, name: string): string | undefined {
  const [tag] = html.match(new RegExp(`<input[^>]* name="${name}"[^>]*>`)) ?? [];
  return tag?.match(/ value="([^"]*)"/)?.[1];
}
