import path from 'node:path';
import ts from 'typescript';

/** One small fault in a source file. */
export interface Mutant {
  /** Relative to the repository. */
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
  /** The function that holds the fault, as in {@link scopesOf}. */
  readonly scope: string;
}

/** The body of a function. A scope with no body is the module itself. */
export interface Scope {
  readonly id: string;
  readonly body: ts.Block | undefined;
}

interface Change {
  readonly node: ts.Node;
  readonly replacement: string;
}

const OPERATORS: ReadonlyMap<ts.SyntaxKind, readonly string[]> = new Map([
  [ts.SyntaxKind.LessThanToken, ['<=', '>=']],
  [ts.SyntaxKind.LessThanEqualsToken, ['<', '>']],
  [ts.SyntaxKind.GreaterThanToken, ['>=', '<=']],
  [ts.SyntaxKind.GreaterThanEqualsToken, ['>', '<']],
  [ts.SyntaxKind.EqualsEqualsEqualsToken, ['!==']],
  [ts.SyntaxKind.ExclamationEqualsEqualsToken, ['===']],
  [ts.SyntaxKind.AmpersandAmpersandToken, ['||']],
  [ts.SyntaxKind.BarBarToken, ['&&']],
  [ts.SyntaxKind.PlusToken, ['-']],
  [ts.SyntaxKind.MinusToken, ['+']],
  [ts.SyntaxKind.AsteriskToken, ['/']],
  [ts.SyntaxKind.SlashToken, ['*']],
  [ts.SyntaxKind.PercentToken, ['*']],
  [ts.SyntaxKind.AsteriskAsteriskToken, ['*']],
  [ts.SyntaxKind.PlusEqualsToken, ['-=']],
  [ts.SyntaxKind.MinusEqualsToken, ['+=']],
  [ts.SyntaxKind.QuestionQuestionEqualsToken, ['=']],
]);

const METHODS: Readonly<Record<string, string>> = {
  some: 'every',
  every: 'some',
  min: 'max',
  max: 'min',
  ceil: 'floor',
  floor: 'ceil',
  startsWith: 'endsWith',
  endsWith: 'startsWith',
};

const isComparison = (node: ts.Node): boolean =>
  ts.isBinaryExpression(node) && /^([<>]=?|[!=]==)$/.test(node.operatorToken.getText());

/** Returns every mutant of a source file. */
export function mutantsOf(file: string, text: string): Mutant[] {
  const source = parse(file, text);
  const mutants: Mutant[] = [];
  const visit = (node: ts.Node, scope: string): void => {
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isModuleDeclaration(node)) return;
    if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return;
    const inner = ts.isBlock(node) && ts.isFunctionLike(node.parent) ? scopeId(file, node) : scope;
    for (const { node: changed, replacement } of changesOf(node)) {
      mutants.push({ file, start: changed.getStart(), end: changed.end, replacement, scope: inner });
    }
    ts.forEachChild(node, (child) => visit(child, inner));
  };
  visit(source, scopeId(file, undefined));
  return mutants;
}

/** Returns the functions of a source file, and the file itself as the last scope. */
export function scopesOf(file: string, text: string): Scope[] {
  const scopes: Scope[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isBlock(node) && ts.isFunctionLike(node.parent)) scopes.push({ id: scopeId(file, node), body: node });
    ts.forEachChild(node, visit);
  };
  visit(parse(file, text));
  return [...scopes, { id: scopeId(file, undefined), body: undefined }];
}

/** Returns the source with the mutant in it. */
export function apply({ start, end, replacement }: Mutant, text: string): string {
  return text.slice(0, start) + replacement + text.slice(end);
}

/** Returns `file:line: before → after`. */
export function describe({ file, start, end, replacement }: Mutant, text: string): string {
  const line = text.slice(0, start).split('\n').length;
  return `${file}:${line}: ${inOneLine(text.slice(start, end))} → ${inOneLine(replacement) || '(removed)'}`;
}

function inOneLine(code: string): string {
  const line = code.replace(/\s+/g, ' ').trim();
  return line.length > 70 ? `${line.slice(0, 69)}…` : line;
}

function parse(file: string, text: string): ts.SourceFile {
  return ts.createSourceFile(path.basename(file), text, ts.ScriptTarget.ES2023, true);
}

function scopeId(file: string, body: ts.Block | undefined): string {
  return `${file}#${body ? body.getStart() : 'module'}`;
}

function changesOf(node: ts.Node): Change[] {
  const to = (...replacements: string[]): Change[] => replacements.map((replacement) => ({ node, replacement }));
  if (ts.isBinaryExpression(node)) return changesOfBinary(node);
  if (ts.isIfStatement(node)) return changesOfCondition(node.expression);
  if (ts.isConditionalExpression(node)) return changesOfCondition(node.condition);
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) {
    return to(node.operand.getText());
  }
  if (ts.isNumericLiteral(node)) {
    const value = Number(node.text.replaceAll('_', ''));
    return to(String(value + 1), String(value - 1));
  }
  if (node.kind === ts.SyntaxKind.TrueKeyword) return to('false');
  if (node.kind === ts.SyntaxKind.FalseKeyword) return to('true');
  if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) return changesOfString(node);
  if (ts.isArrayLiteralExpression(node) && node.elements.length > 0) return to('[]');
  if (ts.isExpressionStatement(node)) {
    const { expression } = node;
    const withoutAwait = ts.isAwaitExpression(expression) ? to(`void ${expression.expression.getText()};`) : [];
    return [...to(';'), ...withoutAwait];
  }
  if (ts.isBlock(node) && ts.isFunctionLike(node.parent) && node.statements.length > 1) return to('{}');
  if (ts.isPropertyAccessExpression(node)) {
    const other = METHODS[node.name.text];
    return other === undefined ? [] : [{ node: node.name, replacement: other }];
  }
  if (ts.isCallExpression(node)) return changesOfCall(node);
  return [];
}

function changesOfBinary(node: ts.BinaryExpression): Change[] {
  const { left, operatorToken, right } = node;
  if (operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken) {
    return [left, right].map((side) => ({ node, replacement: side.getText() }));
  }
  const others = OPERATORS.get(operatorToken.kind) ?? [];
  return others.map((replacement) => ({ node: operatorToken, replacement }));
}

function changesOfCondition(condition: ts.Expression): Change[] {
  const negated = isComparison(condition) ? [] : [`!(${condition.getText()})`];
  return ['true', 'false', ...negated].map((replacement) => ({ node: condition, replacement }));
}

/** Texts for people have spaces. How they are worded is not under test. */
function changesOfString(node: ts.StringLiteralLike | ts.TemplateExpression): Change[] {
  if (/\s/.test(node.getText()) || ts.isPropertyAssignment(node.parent)) return [];
  const isEmpty = ts.isStringLiteralLike(node) && node.text === '';
  return [{ node, replacement: isEmpty ? "'mutant'" : "''" }];
}

function changesOfCall(node: ts.CallExpression): Change[] {
  const { expression } = node;
  const isFilter = ts.isPropertyAccessExpression(expression) && expression.name.text === 'filter';
  return isFilter ? [{ node, replacement: expression.expression.getText() }] : [];
}
