/**
 * `npm run screenshots` takes the pictures of the README, into `docs/images`. With a folder after `--`, it takes every
 * page in every state into that folder: light and dark, on a phone and on a desktop, and from right to left. With names
 * of states after the folder, it takes only those.
 */
import { mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { launchChromium } from '../support/chromium.js';
import { startExample } from '../support/example.js';
import { STATES } from './support/states.js';

const IMAGES = path.join(__dirname, '..', '..', 'docs', 'images');

const SIZES = { phone: { width: 360, height: 780 }, desktop: { width: 1280, height: 800 } } as const;

interface Picture {
  readonly file: string;
  readonly state: string;
  readonly size: keyof typeof SIZES;
  readonly colorScheme: 'light' | 'dark';
  /** Language of the page in the picture. The steps that lead there use the English words. @default 'en' */
  readonly language?: string;
  /** Less than the whole window where a page leaves much of it empty. */
  readonly height?: number;
}

const README: readonly Picture[] = [
  { file: 'code.png', state: 'verify', size: 'phone', colorScheme: 'light', height: 740 },
  { file: 'code-dark.png', state: 'verify', size: 'phone', colorScheme: 'dark', height: 740 },
  { file: 'start.png', state: 'start', size: 'phone', colorScheme: 'light', height: 740 },
  { file: 'register.png', state: 'register', size: 'phone', colorScheme: 'light' },
  { file: 'remember-device.png', state: 'verify-remember', size: 'phone', colorScheme: 'light', height: 740 },
  { file: 'security.png', state: 'security-devices', size: 'phone', colorScheme: 'light', height: 1300 },
  { file: 'code-arabic.png', state: 'verify', size: 'phone', colorScheme: 'light', language: 'ar', height: 740 },
];

const everything = (states: readonly string[]): readonly Picture[] =>
  STATES.filter(({ name }) => states.length === 0 || states.includes(name)).flatMap(({ name: state }) =>
    (['phone', 'desktop'] as const).flatMap((size) =>
      (['light', 'dark'] as const).flatMap((colorScheme) =>
        ['en', 'ar'].map((language) => {
          const file = `${state}-${size}-${colorScheme}-${language}.png`;
          return { file, state, size, colorScheme, language };
        }),
      ),
    ),
  );

async function take(browser: Browser, folder: string, picture: Picture): Promise<void> {
  const { file, state: name, size, colorScheme, language = 'en', height } = picture;
  const state = STATES.find((candidate) => candidate.name === name);
  if (!state) throw new Error(`There is no state "${name}".`);
  let spoken = 'en';
  const app = await startExample({
    ...state.options,
    twoFactor: { ...state.options?.twoFactor, locale: () => spoken },
  });
  const viewport = { ...SIZES[size], ...(height === undefined ? {} : { height }) };
  const context = await browser.newContext({ baseURL: app.url, viewport, colorScheme, locale: 'en' });
  const page = await context.newPage();
  await state.open(page, app);
  await page.waitForLoadState('networkidle');
  if (language !== spoken) {
    spoken = language;
    await page.reload({ waitUntil: 'networkidle' });
  }
  const target = path.join(folder, file);
  await page.screenshot({ path: target, fullPage: height === undefined, caret: 'hide' });
  await context.close();
  await app.stop();
  console.log(`${target}  ${Math.ceil(statSync(target).size / 1024)} KB`);
}

async function main(): Promise<void> {
  const [folder = IMAGES, ...states] = process.argv.slice(2);
  mkdirSync(folder, { recursive: true });
  const browser = await launchChromium();
  try {
    for (const picture of folder === IMAGES ? README : everything(states)) await take(browser, folder, picture);
  } finally {
    await browser.close();
  }
}

void main();
