/** A change that removes a defense, and the test that fails without that defense. */
export interface Mutation {
  /** A verb phrase that describes the changed code, unique in the table. */
  readonly name: string;
  /** The number of an attack in `test/threats`, such as `T8`. */
  readonly threat?: `T${number}`;
  /** Path from the root of the repository. */
  readonly file: string;
  /** Text that occurs exactly once in the file. */
  readonly search: string;
  readonly replace: string;
  readonly test: {
    /** Path from the root of the repository. */
    readonly file: string;
    /** Part of the name of the test that must fail. @default any test of the file */
    readonly name?: string;
  };
}

/**
 * Returns the source with the change.
 *
 * @throws Error if `search` doesn't occur exactly once, or if `replace` is the same text
 */
export function mutate(source: string, { file, search, replace }: Mutation): string {
  const [before, after, ...more] = source.split(search);
  if (before === undefined || after === undefined || more.length > 0) {
    const count = source.split(search).length - 1;
    throw new Error(`"search" must occur once in ${file}, but occurs ${count} times: ${search}`);
  }
  if (search === replace) throw new Error(`"replace" must differ from "search": ${search}`);
  return before + replace + after;
}

/** Returns a title for the output, such as `T8 counts wrong codes per session`. */
export function titleOf({ threat, name }: Mutation): string {
  return threat ? `${threat} ${name}` : name;
}

/** Returns the mutations that match any filter: a threat, or a part of the name or of a path. Without filters, all. */
export function selectMutations(mutations: readonly Mutation[], filters: readonly string[]): readonly Mutation[] {
  if (filters.length === 0) return mutations;
  return mutations.filter((mutation) => filters.some((filter) => matches(mutation, filter.toLowerCase())));
}

function matches({ threat, name, file, test }: Mutation, filter: string): boolean {
  if (/^t\d+$/.test(filter)) return threat?.toLowerCase() === filter;
  return [name, file, test.file].some((text) => text.toLowerCase().includes(filter));
}
