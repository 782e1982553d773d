import type { Texts } from '../../texts/texts.js';

/** Parts of a user agent that people know a device by. */
export interface DeviceLabel {
  readonly browser?: string;
  readonly system?: string;
}

/** By the token that only this browser has. Most browsers also claim to be Chrome and Safari, so those come last. */
const BROWSERS: readonly (readonly [token: RegExp, name: string])[] = [
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\b(?:OPR|Opera|OPT|OPX)\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bVivaldi\//, 'Vivaldi'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/(?:Chrome|CriOS|Chromium)\//, 'Chrome'],
  [/\bVersion\/[\d.]+.*\bSafari\//, 'Safari'],
];

/** Android and ChromeOS are Linux too, and iOS claims to be like macOS. */
const SYSTEMS: readonly (readonly [token: RegExp, name: string])[] = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bMacintosh\b|\bMac OS X\b/, 'macOS'],
  [/\bLinux\b|\bX11\b/, 'Linux'],
];

/** Finds the browser and the operating system in a user agent. Ten tokens name nearly all, so this needs no database. */
export function describeUserAgent(userAgent: string): DeviceLabel {
  const browser = nameIn(BROWSERS, userAgent);
  const system = nameIn(SYSTEMS, userAgent);
  return { ...(browser === undefined ? {} : { browser }), ...(system === undefined ? {} : { system }) };
}

/** The label in English, for logs and events: "Firefox on Windows". */
export function plainLabel({ browser, system }: DeviceLabel): string {
  if (browser === undefined && system === undefined) return 'Unknown device';
  return [browser, system].filter((name) => name !== undefined).join(' on ');
}

/** The label in the language of `text`. */
export function localizedLabel({ browser, system }: DeviceLabel, text: Texts['text']): string {
  if (browser !== undefined && system !== undefined) return text('device.name', { browser, system });
  return browser ?? system ?? text('device.unknown');
}

function nameIn(names: readonly (readonly [token: RegExp, name: string])[], userAgent: string): string | undefined {
  return names.find(([token]) => token.test(userAgent))?.[1];
}
