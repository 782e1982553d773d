import type { Compared } from './rounds.js';

/** One row of the table. */
export interface Row {
  readonly what: string;
  readonly ours: string;
  readonly floor: string;
  /** Ours in terms of the floor. */
  readonly ratio: string;
  readonly target: string;
  /** `undefined`: the mark lies within the margins of what was measured. */
  readonly isReached: boolean | undefined;
}

/** A number as it is read: three digits are enough. */
export function figure(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en');
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** The table, as it stands in `docs/performance.md`. */
export function markdown(rows: readonly Row[]): string {
  const head = ['what', 'ours', 'floor', 'ours / floor', 'to reach', ''];
  const body = rows.map(({ what, ours, floor, ratio, target, isReached }) => [
    what,
    ours,
    floor,
    ratio,
    target,
    verdictOf(isReached),
  ]);
  const lines = [head, head.map(() => '---'), ...body];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function verdictOf(isReached: boolean | undefined): string {
  if (isReached === undefined) return 'too close to tell';
  return isReached ? 'reached' : 'not reached';
}

/** A ratio as it is read, with its margin. */
export function ratioOf({ ratio, margin }: Compared): string {
  return `${figure(ratio)} ± ${figure(margin)}`;
}

/** A row of two rates, ours and the floor's. */
export function comparison(what: string, compared: Compared, target: number): Row {
  const { ours, floor, ratio, margin } = compared;
  return {
    what,
    ours: figure(ours),
    floor: figure(floor),
    ratio: ratioOf(compared),
    target: `≥ ${target.toFixed(2)}`,
    isReached: Math.abs(ratio - target) <= margin ? undefined : ratio > target,
  };
}
