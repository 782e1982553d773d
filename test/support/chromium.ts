import { type Browser, chromium } from 'playwright-core';
import { CHROMIUM, find, howToGet } from './system-packages.js';

const FLAGS = [
  // Chromium's sandbox does not run as root, as which containers run tests; the pages are our own.
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--font-render-hinting=none',
];

/** Starts the system's Chromium, without a window. */
export function launchChromium(): Promise<Browser> {
  const executablePath = find(CHROMIUM);
  if (!executablePath) throw new Error(howToGet(CHROMIUM));
  return chromium.launch({ executablePath, args: FLAGS });
}
