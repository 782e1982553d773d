import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { type FactorStore, MemoryFactorStore, type StoredFactors, testFactorStore } from 'passport-twilio-verify';

describe('MemoryFactorStore', () => {
  it('MemoryFactorStore keeps the rules of testFactorStore', async () => {
    const store = new MemoryFactorStore();
    await testFactorStore(() => store);
  });

  it('a change of a loaded or saved record does not change what MemoryFactorStore holds', async () => {
    const store = new MemoryFactorStore();
    const record = { list: ['a'] };
    await store.save('ann', { record, revision: '1' }, undefined);
    record.list.push('b');
    (((await store.load('ann'))?.record as typeof record) ?? record).list.push('c');
    assert.deepEqual((await store.load('ann'))?.record, { list: ['a'] });
  });

  describe('in production', () => {
    const { NODE_ENV } = process.env;
    afterEach(() => {
      if (NODE_ENV === undefined) delete process.env.NODE_ENV;
      else process.env.NODE_ENV = NODE_ENV;
    });

    it('MemoryFactorStore warns once in production, and names the guide', async () => {
      const warnings: (Error & { code?: string })[] = [];
      const keep = (warning: Error) => warnings.push(warning);
      process.on('warning', keep);
      process.env.NODE_ENV = 'production';
      new MemoryFactorStore();
      new MemoryFactorStore();
      await new Promise(setImmediate);
      process.off('warning', keep);
      assert.deepEqual(
        warnings.map(({ code }) => code),
        ['TWILIO_VERIFY_STORE_IN_MEMORY'],
      );
      assert.match(warnings[0]?.message ?? '', /lost when it ends.*docs\/factor-store\.md/);
    });
  });
});

/** A store that breaks one rule. */
type Fault = (store: MemoryFactorStore) => Partial<FactorStore>;

const FAULTS: readonly { readonly name: string; readonly rule: RegExp; readonly fault: Fault }[] = [
  {
    name: 'a store that returns null for nothing',
    rule: /load\(\) resolves to undefined if nothing is stored/,
    fault: (store) => ({ load: async (id) => (await store.load(id)) ?? (null as never) }),
  },
  {
    name: 'a store that ignores the expected revision',
    rule: /save\(\) resolves to false for a first record if another store was first/,
    fault: (store) => ({
      save: async (id, next) => store.save(id, next, (await store.load(id))?.revision),
    }),
  },
  {
    name: 'a store that rejects a duplicate key',
    rule: /if another store was first: duplicate key/,
    fault: (store) => ({
      save: async (id, next, expected) => {
        const isSaved = await store.save(id, next, expected);
        if (!isSaved && expected === undefined) throw new Error('duplicate key');
        return isSaved;
      },
    }),
  },
  {
    name: 'a store that compares and writes in two steps',
    rule: /one of several parallel first writes wins/,
    fault: (store) => ({
      save: async (id, next, expected) => {
        const revision = (await store.load(id))?.revision;
        await new Promise(setImmediate);
        return revision === expected && store.save(id, next, (await store.load(id))?.revision);
      },
    }),
  },
  {
    name: 'a store that makes revisions of its own',
    rule: /every store loads it/,
    fault: (store) => ({ load: async (id) => withRevision(await store.load(id), '7') }),
  },
  {
    name: 'a store that counts rows',
    rule: /every store loads it/,
    fault: (store) => ({ save: async (...args) => Number(await store.save(...args)) as never }),
  },
  {
    name: 'a store that cuts long records',
    rule: /records of 64 kB are kept whole/,
    fault: (store) => ({
      load: async (id) => {
        const stored = await store.load(id);
        return stored && JSON.stringify(stored.record).length > 60_000 ? { ...stored, record: {} } : stored;
      },
    }),
  },
  {
    name: 'a store that keeps Latin-1 only',
    rule: /records keep Unicode text/,
    fault: (store) => ({
      load: async (id) => {
        const stored = await store.load(id);
        return stored && { ...stored, record: JSON.parse(JSON.stringify(stored.record).replace(/[^\0-\xff]/g, '?')) };
      },
    }),
  },
  {
    name: 'a store that keeps deleted records',
    rule: /delete\(\) removes a record/,
    fault: () => ({ delete: async () => undefined }),
  },
];

function withRevision(stored: StoredFactors | undefined, revision: string): StoredFactors | undefined {
  return stored && { ...stored, revision };
}

describe('testFactorStore', () => {
  for (const { name, rule, fault } of FAULTS) {
    it(`testFactorStore rejects ${name}, and names the rule`, async () => {
      const memory = new MemoryFactorStore();
      const store: FactorStore = {
        load: (id) => memory.load(id),
        save: (...args) => memory.save(...args),
        delete: (id) => memory.delete(id),
        ...fault(memory),
      };
      await assert.rejects(
        testFactorStore(() => store),
        (error: Error) => {
          assert.match(error.message, /^testFactorStore: /);
          assert.match(error.message, rule);
          return true;
        },
      );
    });
  }

  it('testFactorStore uses only the user IDs that it receives, and deletes the records that it wrote', async () => {
    const store = new MemoryFactorStore();
    const made: string[] = [];
    await testFactorStore(
      () => store,
      () => {
        made.push(`row-${made.length}`);
        return made.at(-1) ?? '';
      },
    );
    assert.ok(made.length > 10);
    for (const userId of made) assert.equal(await store.load(userId), undefined);
  });
});
