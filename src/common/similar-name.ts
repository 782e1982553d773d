/** Returns the name that is most like a given one; `undefined` if there are no names. */
export function nearestName(given: string, names: readonly string[]): string | undefined {
  return names.toSorted((a, b) => unlikeness(given, a) - unlikeness(given, b))[0];
}

/**
 * Returns the name that a given one is a slip of: at most two edits from it, or its beginning. Ignores case and
 * separators. `undefined` if it's like none.
 */
export function misspelledName(given: string, names: readonly string[]): string | undefined {
  const plain = plainOf(given);
  // Two edits, or a beginning of two letters, make a name of any other.
  if (plain.length < 3) return undefined;
  return names.find((name) => plainOf(name).startsWith(plain) || editDistance(plain, plainOf(name)) <= 2);
}

/** Rejects options that a call doesn't have. @throws TypeError that names the nearest one */
export function rejectUnknown(call: string, options: object, names: readonly string[]): void {
  const unknown = Object.keys(options).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  throw new TypeError(`${call}: unknown option "${unknown}"; did you mean "${nearestName(unknown, names)}"?`);
}

function plainOf(name: string): string {
  return name.toLowerCase().replace(/[-_]/g, '');
}

/** How far a name is from another: one that contains the other is near, however much longer it is. */
function unlikeness(given: string, name: string): number {
  const [short = '', long = ''] = [given.toLowerCase(), name.toLowerCase()].sort((a, b) => a.length - b.length);
  return short.length > 2 && long.includes(short)
    ? 1 - short.length / long.length
    : editDistance(given.toLowerCase(), name.toLowerCase());
}

/** Levenshtein's distance. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...from].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...to].entries()) {
      const substituted = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(substituted, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
