import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { ROOT } from '../../support/run-tests.js';
import { type Mutation, mutate } from './mutation.js';

/**
 * Checks the types of changed files. tsx ignores types, so a change that doesn't compile would fail a test by a crash
 * instead of by the missing defense.
 */
export class TypeChecker {
  private changed: { readonly file: string; readonly text: string; readonly version: string } | undefined;
  private versions = 0;
  private readonly service: ts.LanguageService;

  /** @param mutations - All mutations whose types are to be checked. */
  constructor(mutations: readonly Mutation[]) {
    const { config } = ts.readConfigFile(path.join(ROOT, 'tsconfig.json'), ts.sys.readFile);
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
    const files = [...new Set(mutations.map(({ file }) => file).filter(isTypeScript))].map(inRoot);
    this.service = ts.createLanguageService({
      getCompilationSettings: () => options,
      getCurrentDirectory: () => ROOT,
      getDefaultLibFileName: ts.getDefaultLibFilePath,
      getScriptFileNames: () => files,
      getScriptVersion: (file) => (this.changed?.file === file ? this.changed.version : '0'),
      getScriptSnapshot: (file) => {
        const text = this.changed?.file === file ? this.changed.text : ts.sys.readFile(file);
        return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
      },
      fileExists: ts.sys.fileExists,
      readFile: ts.sys.readFile,
      readDirectory: ts.sys.readDirectory,
      directoryExists: ts.sys.directoryExists,
      getDirectories: ts.sys.getDirectories,
    });
  }

  /** Returns the first error in the changed file, or `undefined` if it compiles. */
  errorOf(mutation: Mutation): string | undefined {
    if (!isTypeScript(mutation.file)) return undefined;
    const file = inRoot(mutation.file);
    this.versions += 1;
    this.changed = { file, text: mutate(readFileSync(file, 'utf8'), mutation), version: String(this.versions) };
    const [first] = [...this.service.getSyntacticDiagnostics(file), ...this.service.getSemanticDiagnostics(file)];
    this.changed = undefined;
    return first && ts.flattenDiagnosticMessageText(first.messageText, '\n');
  }
}

function isTypeScript(file: string): boolean {
  return file.endsWith('.ts');
}

function inRoot(file: string): string {
  return path.join(ROOT, file);
}
