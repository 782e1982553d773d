import { randomUUID } from 'node:crypto';
import { inspect, isDeepStrictEqual } from 'node:util';
import type { MaybePromise } from '../common/callback.js';
import type { FactorStore, StoredFactors } from './factor-store.js';

/** Writers that race for one record. */
const WRITERS = 10;

/** A record as large as a store must take, in characters. */
const LARGE = 64 * 1024;

type Check = (store: FactorStore, other: FactorStore, userId: string) => Promise<void>;

/**
 * Checks a {@link FactorStore} of your own. Run it in any test runner, or as a script.
 *
 * @param makeStore - Returns a store. Called twice, for two stores on the same database, as two processes have them.
 * @param makeUserId - Returns the ID of a user with nothing stored, for a store that needs a row in a users table.
 * @default random IDs
 * @throws Error that names the rule which the store breaks
 *
 * @example
 * ```ts
 * test('the store keeps the rules', () => testFactorStore(() => createFactorStore(pool)));
 * ```
 */
export async function testFactorStore(
  makeStore: () => MaybePromise<FactorStore>,
  makeUserId: () => MaybePromise<string> = () => `test:${randomUUID()} Zoë'"漢😀`,
): Promise<void> {
  const [store, other] = [await makeStore(), await makeStore()];
  for (const [rule, check] of Object.entries(CHECKS)) {
    const userId = await makeUserId();
    try {
      await check(store, other, userId);
    } catch (cause) {
      throw new Error(`testFactorStore: ${rule}: ${cause instanceof Error ? cause.message : cause}`, { cause });
    } finally {
      await store.delete(userId);
    }
  }
}

const CHECKS: Readonly<Record<string, Check>> = {
  'load() resolves to undefined if nothing is stored': async (store, _other, userId) => {
    assertEqual(await store.load(userId), undefined);
  },
  'save() stores a first record, and every store loads it': async (store, other, userId) => {
    const first = factors({ text: 'a' });
    assertEqual(await store.save(userId, first, undefined), true);
    await assertStored(store, userId, first);
    await assertStored(other, userId, first);
  },
  'save() resolves to false for a first record if another store was first': async (store, other, userId) => {
    const first = factors({ text: 'first' });
    assertEqual(await other.save(userId, first, undefined), true);
    assertEqual(await store.save(userId, factors({ text: 'second' }), undefined), false);
    await assertStored(store, userId, first);
  },
  'save() replaces a record if the expected revision is stored': async (store, _other, userId) => {
    const first = await saved(store, userId, { text: 'first' });
    const second = factors({ other: 'second' });
    assertEqual(await store.save(userId, second, first.revision), true);
    await assertStored(store, userId, second);
  },
  'save() resolves to false if another revision is stored': async (store, other, userId) => {
    const first = await saved(store, userId, { text: 'first' });
    const second = factors({ text: 'second' });
    assertEqual(await other.save(userId, second, first.revision), true);
    assertEqual(await store.save(userId, factors({ text: 'late' }), first.revision), false);
    await assertStored(store, userId, second);
  },
  'save() resolves to false if a revision is expected and nothing is stored': async (store, _other, userId) => {
    assertEqual(await store.save(userId, factors({}), revision()), false);
    assertEqual(await store.load(userId), undefined);
  },
  'save() compares revisions, not records (ABA)': async (store, other, userId) => {
    const first = await saved(store, userId, { text: 'a' });
    const reset = factors({});
    assertEqual(await other.save(userId, reset, first.revision), true);
    const again = factors({ text: 'a' });
    assertEqual(await other.save(userId, again, reset.revision), true);
    assertEqual(await store.save(userId, factors({ text: 'stale' }), first.revision), false);
    await assertStored(store, userId, again);
  },
  'one of several parallel first writes wins': async (store, other, userId) => {
    await assertOneWins(store, other, userId, undefined);
  },
  'one of several parallel writes wins': async (store, other, userId) => {
    const first = await saved(store, userId, { text: 'first' });
    await assertOneWins(store, other, userId, first.revision);
  },
  'records keep Unicode text, nested values, and empty ones': async (store, other, userId) => {
    const record = { text: 'Zoë 漢字 😀 \u202e "\'\\', list: [1, 2.5, true, null, { deep: [] }], empty: '', none: {} };
    const first = await saved(store, userId, record);
    await assertStored(other, userId, first);
  },
  'records of 64 kB are kept whole': async (store, other, userId) => {
    const first = await saved(store, userId, { text: 'x'.repeat(LARGE) });
    await assertStored(other, userId, first);
  },
  'delete() removes a record for every store, and a second call succeeds': async (store, other, userId) => {
    const first = await saved(store, userId, { text: 'a' });
    await other.delete(userId);
    await store.delete(userId);
    assertEqual(await store.load(userId), undefined);
    assertEqual(await store.save(userId, factors({}), first.revision), false);
    assertEqual(await store.save(userId, factors({}), undefined), true);
  },
};

/** Not Node's `assert`: it takes time to load, and this module loads with the package. */
function assertEqual(actual: unknown, expected: unknown, message?: string): void {
  if (isDeepStrictEqual(actual, expected)) return;
  throw new Error(message ?? `expected ${inspect(expected)}, got ${inspect(actual)}`);
}

async function assertOneWins(
  store: FactorStore,
  other: FactorStore,
  userId: string,
  expected: string | undefined,
): Promise<void> {
  const written = Array.from({ length: WRITERS }, (_, writer) => factors({ writer }));
  const results = await Promise.all(
    written.map((next, writer) => (writer % 2 === 0 ? store : other).save(userId, next, expected)),
  );
  const winners = written.filter((_, writer) => results[writer] === true);
  assertEqual(winners.length, 1, `${winners.length} of ${WRITERS} calls of save() resolved to true`);
  assertEqual(results.filter((result) => result === false).length, WRITERS - 1);
  await assertStored(store, userId, winners[0]);
}

async function assertStored(store: FactorStore, userId: string, expected: StoredFactors | undefined): Promise<void> {
  const stored = await store.load(userId);
  assertEqual(stored && { record: stored.record, revision: stored.revision }, expected);
}

async function saved(store: FactorStore, userId: string, record: object): Promise<StoredFactors> {
  const first = factors(record);
  assertEqual(await store.save(userId, first, undefined), true, 'save() of a first record resolves to true');
  return first;
}

function factors(record: object): StoredFactors {
  return { record, revision: revision() };
}

function revision(): string {
  return randomUUID().replaceAll('-', '');
}
