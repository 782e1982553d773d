import type { Request } from 'express';
import type { Refusal } from '../common/outcome.js';
import { type PagePath, pageUrl } from '../common/page-paths.js';
import type { Context } from '../core/step/context.js';
import type { TwoFactor } from '../core/two-factor.js';
import { boundedText, refuseText, type TextKind } from '../request/bounded-text.js';
import { createContext } from '../request/create-context.js';
import type { Texts } from '../texts/texts.js';
import type { PageSettings } from './page-settings.js';

/** A field of a form that cannot come from our pages: an array, an object, far too long. */
export class BadFieldError extends Error {
  constructor(readonly refusal: Refusal) {
    super(refusal.code);
  }
}

/** One request to a page, as the handlers see it. */
export interface PageRequest<TUser> {
  readonly settings: PageSettings<TUser>;
  readonly twoFactor: TwoFactor<TUser>;
  readonly context: Context<TUser>;
  readonly texts: Texts;
  /** The address of one of our pages: `to('/verify')`. */
  readonly to: (page: PagePath) => string;
  /**
   * Returns a field of the posted form, trimmed; `undefined` if it's missing.
   *
   * @param name - Name of the field. @default its kind
   * @throws BadFieldError if it isn't a string, contains NUL, or is longer than its kind allows
   */
  readonly field: (kind: TextKind, name?: string) => string | undefined;
  /**
   * Whether a checkbox of the posted form is checked.
   *
   * @throws BadFieldError if its value is neither a text of a form nor a boolean
   */
  readonly isChecked: (name: string) => boolean;
}

/** Reads a request; `undefined` if there is no primary user. */
export async function readPageRequest<TUser>(
  settings: PageSettings<TUser>,
  twoFactor: TwoFactor<TUser>,
  req: Request,
): Promise<PageRequest<TUser> | undefined> {
  const context = await createContext(settings, req);
  if (!context) return undefined;
  return {
    settings,
    twoFactor,
    context,
    texts: settings.texts.for(await context.locale()),
    to: (page) => pageUrl(page, settings.pagesUrl),
    // The application may parse every body, but the body of a GET isn't a form.
    field: (kind, name = kind) => (req.method === 'POST' ? fieldOf(req.body, kind, name) : undefined),
    isChecked: (name) => req.method === 'POST' && isCheckedIn(req.body, name),
  };
}

/** Values that a hidden field sends for a box that isn't checked. */
const UNCHECKED = ['', '0', 'false', 'off'];

/** A checkbox sends its value, which is `on` by default, or nothing. JSON has a boolean. */
function isCheckedIn(body: unknown, name: string): boolean {
  if (typeof body !== 'object' || body === null || !Object.hasOwn(body, name)) return false;
  const value = (body as Record<string, unknown>)[name];
  if (typeof value === 'boolean') return value;
  const text = boundedText(value, 'label');
  if (text === undefined) throw new BadFieldError(refuseText(value, name));
  return !UNCHECKED.includes(text);
}

function fieldOf(body: unknown, kind: TextKind, name: string): string | undefined {
  if (typeof body !== 'object' || body === null || !Object.hasOwn(body, name)) return undefined;
  const value = (body as Record<string, unknown>)[name];
  const text = boundedText(value, kind);
  if (text === undefined) throw new BadFieldError(refuseText(value, name));
  return text.trim();
}
