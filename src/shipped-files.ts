/**
 * The files in `views`. `scripts/build.mts` replaces this module by one that contains them: bundlers and tracers follow
 * modules, and miss files that code reads by a path.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.join(__dirname, '..');

export const { version } = JSON.parse(read('package.json')) as { readonly version: string };
export const templates = textsIn('views', '.html');
export const assets = textsIn('views/assets', '');
export const english = JSON.parse(read('views/locales/en.json')) as Readonly<Record<string, string>>;

type Languages = Readonly<Record<string, Readonly<Record<string, string>>>>;

let languages: Languages | undefined;

export function unpackLanguages(): Languages {
  languages ??= readLanguages();
  return languages;
}

function readLanguages(): Languages {
  const files = Object.entries(textsIn('views/locales', '.json')).filter(([name]) => name !== 'en.json');
  return Object.fromEntries(files.map(([name, text]) => [path.basename(name, '.json'), JSON.parse(text)]));
}

function textsIn(folder: string, extension: string): Readonly<Record<string, string>> {
  const files = readdirSync(path.join(ROOT, folder)).filter((name) => name.endsWith(extension));
  return Object.fromEntries(files.map((name) => [name, read(`${folder}/${name}`)]));
}

function read(file: string): string {
  return readFileSync(path.join(ROOT, file), 'utf8');
}
