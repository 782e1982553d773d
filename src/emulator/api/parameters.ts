import { invalidParameter, missingParameter } from './api-error';

/** Longest text that the emulator takes for one parameter: what it keeps must not outgrow its memory. */
const MAX_TEXT_LENGTH = 1_000;

/** Reads an optional parameter; nothing given, or an empty value, is `undefined`. */
export function readText(form: URLSearchParams, name: string, maxLength = MAX_TEXT_LENGTH): string | undefined {
  const value = form.get(name);
  if (value === null || value === '') return undefined;
  if (value.length > maxLength || value.includes('\0')) throw invalidParameter(name);
  return value;
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
  if (!/^\d{1,15}$/.test(text) || value < min || value > max) throw invalidParameter(name);
  return value;
}

/** Reads an optional yes or no, written `true` or `false` as the SDKs do. */
export function readBoolean(form: URLSearchParams, name: string): boolean | undefined {
  const text = readText(form, name)?.toLowerCase();
  if (text === undefined) return undefined;
  if (text !== 'true' && text !== 'false') throw invalidParameter(name);
  return text === 'true';
}

/** Reads an optional parameter that must be a JSON object of texts. */
export function readTextMap(form: URLSearchParams, name: string): Record<string, string> | undefined {
  const text = readText(form, name, 10_000);
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalidParameter(name);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalidParameter(name);
  const entries = Object.entries(value).map(([key, entry]): [string, string] => {
    if (typeof entry !== 'string' && typeof entry !== 'number') throw invalidParameter(name);
    return [key, String(entry)];
  });
  return Object.fromEntries(entries);
}
