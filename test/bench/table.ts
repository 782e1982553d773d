import { type Comparison, compare, type Round } from './rounds.js';
import type { ApplicationName } from './servers/applications.js';

/** `too close to tell`: another run could decide otherwise. */
export type Verdict = 'reached' | 'not reached' | 'too close to tell';

/** A value to reach. Nothing depends on a goal. */
export interface Target {
  readonly text: string;
  readonly verdict: Verdict;
}

/** The same measurement of the base revision. */
export interface Base {
  readonly measured: string;
  readonly ratio: string;
  /** Missing if the row has another requirement. */
  readonly verdict?: Verdict;
}

/** One row of the table. */
export interface Row {
  readonly what: string;
  readonly measured: string;
  readonly reference?: string;
  readonly ratio?: string;
  readonly target?: Target;
  readonly base?: Base | undefined;
}

/** With a wider margin, a row could lose this much and still pass. */
const MAX_MARGIN_TO_BASE = 0.05;

const LABELS: Readonly<Record<ApplicationName, string>> = {
  ours: 'ours',
  required: 'ours',
  floor: 'floor',
  minimalStrategy: 'minimal strategy',
  rendered: '`res.render`',
  base: 'base',
};

/** Rounds a number to three digits. */
export function figure(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en');
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** Returns the table of `docs/performance.md`, with three more columns in a run with `--base`. */
export function markdown(rows: readonly Row[], hasBase: boolean): string {
  const head = ['Row', 'Measured', 'Compared with', 'Ratio', 'Target', 'Verdict'];
  if (hasBase) head.push('Base', 'Ours / base', 'Verdict on base');
  const body = rows.map(({ what, measured, reference, ratio, target, base }) => {
    const cells = [what, measured, reference, ratio, target?.text, target?.verdict];
    return hasBase ? [...cells, base?.measured, base?.ratio, base?.verdict] : cells;
  });
  const lines = [head, head.map(() => '---'), ...body];
  return lines.map((cells) => `| ${cells.map((cell) => cell ?? '').join(' | ')} |`).join('\n');
}

/** Returns a ratio with its margin. */
export function ratioOf({ ratio, margin }: Comparison): string {
  return `${figure(ratio)} ± ${figure(margin)}`;
}

/** Returns a row of two rates. */
export function rateRow(
  what: string,
  rounds: readonly Round[],
  [measured, reference]: readonly [ApplicationName, ApplicationName],
  targetOf?: (comparison: Comparison) => Target,
): Row {
  const comparison = compare(rounds, measured, reference);
  return {
    what,
    measured: `${LABELS[measured]}: ${figure(comparison.measured)}`,
    reference: `${LABELS[reference]}: ${figure(comparison.reference)}`,
    ratio: ratioOf(comparison),
    ...(targetOf ? { target: targetOf(comparison) } : {}),
  };
}

/** Requires a ratio. */
export function required(least: number): (comparison: Comparison) => Target {
  return (comparison) => ({ text: `≥ ${least.toFixed(2)}`, verdict: verdictOn(least, comparison) });
}

/** Reports whether a ratio reaches a goal. */
export function goal(least: number): (comparison: Comparison) => Target {
  return (comparison) => ({ text: `goal: ≥ ${least.toFixed(2)}`, verdict: verdictOn(least, comparison) });
}

function verdictOn(least: number, { ratio, margin }: Comparison): Verdict {
  return Math.abs(ratio - least) <= margin ? 'too close to tell' : verdictOf(ratio > least);
}

/** Returns the verdict on a value without a margin. */
export function verdictOf(isReached: boolean): Verdict {
  return isReached ? 'reached' : 'not reached';
}

/** Returns what the base revision reached in the same rounds, if they have one. */
export function baseRate(rounds: readonly Round[]): Base | undefined {
  return hasBase(rounds) ? baseOf(compare(rounds, 'ours', 'base'), 'higher') : undefined;
}

/** Whether the base revision took part. */
export function hasBase(rounds: readonly Round[]): boolean {
  return rounds.some(({ base }) => base !== undefined);
}

/** Returns what the base revision reached, and requires a value that isn't worse by more than the margin. */
export function baseOf(
  comparison: Comparison,
  better: 'higher' | 'lower',
  measured = figure(comparison.reference),
): Base {
  return { measured, ratio: ratioOf(comparison), verdict: verdictOnBase(comparison, better) };
}

/** Returns `reached` unless a value is worse than the base's by more than the margin. */
export function verdictOnBase({ ratio, margin }: Comparison, better: 'higher' | 'lower'): Verdict {
  const loss = better === 'higher' ? 1 - ratio : ratio - 1;
  if (loss > margin) return 'not reached';
  return Math.min(margin, loss + margin) <= MAX_MARGIN_TO_BASE ? 'reached' : 'too close to tell';
}
