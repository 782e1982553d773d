import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/** Checks the types of one changed file at a time, in memory. */
export class TypeChecker {
  private readonly changed = new Map<string, { readonly text: string; readonly version: string }>();
  private readonly service: ts.LanguageService;
  private versions = 0;

  constructor(private readonly root: string) {
    const config = path.join(root, 'tsconfig.json');
    const { config: json } = ts.readConfigFile(config, ts.sys.readFile);
    const { options, fileNames } = ts.parseJsonConfigFileContent({ ...json, include: ['src'] }, ts.sys, root);
    const textOf = (file: string) => this.changed.get(file)?.text ?? readFileSync(file, 'utf8');
    this.service = ts.createLanguageService({
      getCompilationSettings: () => options,
      getScriptFileNames: () => fileNames,
      getScriptVersion: (file) => this.changed.get(file)?.version ?? '0',
      getScriptSnapshot: (file) => (ts.sys.fileExists(file) ? ts.ScriptSnapshot.fromString(textOf(file)) : undefined),
      getCurrentDirectory: () => root,
      getDefaultLibFileName: ts.getDefaultLibFilePath,
      fileExists: ts.sys.fileExists,
      readFile: ts.sys.readFile,
      readDirectory: ts.sys.readDirectory,
      directoryExists: ts.sys.directoryExists,
      getDirectories: ts.sys.getDirectories,
    });
  }

  /** Returns whether the file compiles with this text. Files that import it aren't checked: that takes too long. */
  accepts(file: string, text: string): boolean {
    const name = path.join(this.root, file);
    this.versions += 1;
    this.changed.set(name, { text, version: String(this.versions) });
    const problems =
      this.service.getSyntacticDiagnostics(name).length + this.service.getSemanticDiagnostics(name).length;
    this.changed.delete(name);
    return problems === 0;
  }
}
