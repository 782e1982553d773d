import { invalidParameter, missingParameter } from './api-error.js';

/** Longest text of one parameter. The emulator keeps it, so it must be bounded. */
const MAX_TEXT_LENGTH = 1_000;

/** Longest text in a map: the keys of rate limits are kept for as long as a day. */
const MAX_ENTRY_LENGTH = 255;

/** Reads an optional parameter; nothing given, or an empty value, is `undefined`. */
export function readText(form: URLSearchParams, name: string, maxLength = MAX_TEXT_LENGTH): string | undefined {
  const value = form.get(name);
  if (value === null || value === '') return undefined;
  if (value.length > maxLength || value.includes('\0')) throw invalidParameter(name, value);
  return detach(value);
}

/**
 * Copies a text out of the body that it was cut from. V8 keeps the whole of a text alive for the sake of a piece of
 * it, and 64 KB for each address that is kept would soon be much. Pieces of less than 13 characters are copies already.
 */
function detach(text: string): string {
  return text.length < 13 ? text : Buffer.from(text, 'utf8').toString('utf8');
}

/** Reads a parameter that must be there. */
export function requireText(form: URLSearchParams, name: string, maxLength = MAX_TEXT_LENGTH): string {
  const value = readText(form, name, maxLength);
  if (value === undefined) throw missingParameter(name);
  return value;
}

/** Reads an optional whole number between `min` and `max`. */
export function readInteger(form: URLSearchParams, name: string, min: number, max: number): number | undefined {
  const text = readText(form, name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^\d{1,15}$/.test(text) || value < min || value > max) throw invalidParameter(name, text);
  return value;
}

/** Reads an optional yes or no, written `true` or `false` as the SDKs do. */
export function readBoolean(form: URLSearchParams, name: string): boolean | undefined {
  const text = readText(form, name);
  if (text === undefined) return undefined;
  if (!/^(?:true|false)$/i.test(text)) throw invalidParameter(name, text);
  return text.toLowerCase() === 'true';
}

/** Reads an optional parameter that must be a JSON object of texts. */
export function readTextMap(form: URLSearchParams, name: string): Record<string, string> | undefined {
  const text = readText(form, name, 10_000);
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalidParameter(name, text);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalidParameter(name, text);
  const entries = Object.entries(value).map(([key, entry]): [string, string] => {
    const shown = typeof entry === 'number' ? String(entry) : entry;
    if (typeof shown !== 'string' || shown.length > MAX_ENTRY_LENGTH) throw invalidParameter(name, text);
    return [key, shown];
  });
  return Object.fromEntries(entries);
}
