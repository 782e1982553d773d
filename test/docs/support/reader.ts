import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { freePort } from '../../distributed/support/free-port.js';
import { type Block, ROOT, readGuide } from './markdown.js';
import { type Running, runCommands } from './terminal.js';

/** A guide, or some of its sections. */
export interface Part {
  /** The guide. */
  readonly guide: string;
  /** The headings to follow. @default the whole guide */
  readonly sections?: readonly string[];
}

/** The path through a guide. */
export interface Route extends Part {
  /** The part of another guide that this one starts from. @default none */
  readonly startsFrom?: Part;
  /** The packed package, instead of the registry's. */
  readonly tarball: string;
  /** The environment variables of the reader's terminal. */
  readonly env?: NodeJS.ProcessEnv;
}

/** The state of the reader. */
export interface Arrival {
  readonly folder: string;
  /** The URLs that the started applications print, in the order of the guide. */
  readonly urls: readonly string[];
  /** The newest code that the emulator has shown. */
  lastCode(): Promise<string>;
  /** Names of the files written. */
  readonly files: readonly string[];
  /** The output of the commands in the block that contains this text. */
  output(text: string): string;
  leave(): Promise<void>;
}

const EMULATOR = /\bnpx (?:-p passport-twilio-verify )?twilio-verify-emulator\b/;
const APPLICATION = /\b(?:tsx|node) (?!--test\b)[^\n&|;]*\b(?:app|main|server)\.(?:ts|mts|js|mjs)\b/g;

/**
 * Follows a guide in an empty folder, block by block, as a reader would: writes the files, runs the commands, and keeps
 * servers running. A test must install the packed package and use free ports, so these two are changed.
 */
export async function follow({ startsFrom, tarball, env = {}, ...part }: Route): Promise<Arrival> {
  const base = mkdtempSync(path.join(os.tmpdir(), 'reader-'));
  const folder = path.join(base, 'app');
  mkdirSync(folder);
  const running: Running[] = [];
  const urls: string[] = [];
  const files: string[] = [];
  const printed = new Map<string, string>();
  const leave = async () => {
    await Promise.all(running.map((program) => program.end()));
    rmSync(base, { recursive: true, force: true });
  };
  try {
    for (const { language, file, text } of [...(startsFrom ? blocksOf(startsFrom) : []), ...blocksOf(part)]) {
      if (file !== undefined && language === 'diff') {
        const target = path.join(folder, file);
        writeFileSync(target, applyDiff(readFileSync(target, 'utf8'), text));
      } else if (file !== undefined) {
        mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
        writeFileSync(path.join(folder, file), text);
        files.push(file);
      } else if (language === 'sh') {
        const applications = [...text.matchAll(APPLICATION)].length;
        const ports = await portsFor(text);
        const commands = adapt(text, tarball, ports);
        const settings = { PORT: String(await freePort()), ...env };
        if (EMULATOR.test(text)) {
          running.push(await runCommands(folder, commands, settings, (output) => /^# The messages/m.test(output)));
        } else if (applications > 0) {
          const isReady = (output: string) => urlsIn(output).length >= applications;
          const application = await runCommands(folder, commands, settings, isReady);
          running.push(application);
          const order = [...ports.values()];
          const place = (url: string) => order.indexOf(new URL(url).port);
          urls.push(...urlsIn(application.output).sort((one, other) => place(one) - place(other)));
        } else printed.set(text, (await runCommands(folder, commands, settings)).output);
      }
    }
    return {
      folder,
      urls,
      files,
      lastCode: () => lastCodeIn(folder),
      output: (text) => [...printed].find(([commands]) => commands.includes(text))?.[1] ?? '',
      leave,
    };
  } catch (error) {
    await leave();
    throw error;
  }
}

function blocksOf({ guide, sections }: Part): readonly Block[] {
  return readGuide(guide).blocks.filter(
    ({ headings }) => sections === undefined || headings.some((heading) => sections.includes(heading)),
  );
}

/** Makes the changes of a diff without line numbers. Each hunk must match exactly one place. */
function applyDiff(source: string, diff: string): string {
  return diff.split(/^@@\n/m).reduce((text, hunk) => {
    const lines = hunk.trimEnd().split('\n');
    const textOf = (signs: string) =>
      lines.filter((line) => signs.includes(line.charAt(0))).map((line) => `${line.slice(1)}\n`);
    const before = textOf(' -').join('');
    if (text.split(before).length !== 2) throw new Error(`This is not in the file exactly once:\n${before}`);
    return text.replace(before, () => textOf(' +').join(''));
  }, source);
}

/** A free port for each one that the guide names. */
async function portsFor(text: string): Promise<ReadonlyMap<string, string>> {
  const named = [...new Set([...text.matchAll(/\bPORT=(\d+)/g)].map(([, port]) => port ?? ''))];
  return new Map(await Promise.all(named.map(async (port) => [port, String(await freePort())] as const)));
}

function adapt(text: string, tarball: string, ports: ReadonlyMap<string, string>): string {
  return text
    .replace(/^(.*\bnpm install .*)$/gm, (line) => line.replace(/(?<= )passport-twilio-verify(?= |$)/, tarball))
    .replace(new RegExp(EMULATOR, 'g'), '$& --port 0')
    .replace(/\bPORT=(\d+)/g, (_, port: string) => `PORT=${ports.get(port)}`);
}

function urlsIn(output: string): string[] {
  return output.match(/http:\/\/(?:127\.0\.0\.1|localhost):\d+\S*/g) ?? [];
}

async function lastCodeIn(folder: string): Promise<string> {
  const [, url] = /^TWILIO_VERIFY_BASE_URL=(\S+)$/m.exec(readFileSync(path.join(folder, 'emulator.env'), 'utf8')) ?? [];
  const messages = (await (await fetch(`${url}/emulator/messages`)).json()) as { readonly code: string }[];
  const code = messages.at(-1)?.code;
  if (code === undefined) throw new Error('no code was sent');
  return code;
}

/** The errors that a reader's editor would show, with only the packages that the guide has installed. */
export function typeErrorsIn({ folder, files }: Pick<Arrival, 'folder' | 'files'>): string {
  const own = existsSync(path.join(folder, 'tsconfig.json'));
  const settings = own
    ? ['-p', folder]
    : ['--strict', '--module', 'nodenext', '--target', 'es2023', '--types', 'node', '--skipLibCheck'];
  const named = own ? [] : files.filter((file) => /\.m?ts$/.test(file));
  const tsc = path.join(ROOT, 'node_modules/typescript/bin/tsc');
  return spawnSync(process.execPath, [tsc, '--noEmit', ...settings, ...named], { cwd: folder }).stdout.toString();
}
