import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type FactorStore, MemoryFactorStore, type StoredFactors } from 'passport-twilio-verify';
import {
  type DeviceRecord,
  EMPTY_RECORD,
  type FactorRecord,
  type RecoveryCodeSet,
} from '../../../src/store/factor-record.js';
import { FactorRecords } from '../../../src/store/factor-records.js';

const SET: RecoveryCodeSet = {
  salt: 'A'.repeat(22),
  cost: { N: 4096, r: 8, p: 1 },
  hashes: ['B'.repeat(43), 'C'.repeat(43)],
  createdAt: 1_800_000_000_000,
};
const DEVICE: DeviceRecord = {
  id: 'D'.repeat(22),
  hash: 'E'.repeat(43),
  createdAt: 1_800_000_000_000,
  lastUsedAt: 1_800_000_000_000,
  expiresAt: 1_802_592_000_000,
  browser: 'Firefox',
  factor: 'F'.repeat(43),
};
const WITH_CODES: FactorRecord = { ...EMPTY_RECORD, recoveryCodes: SET };

/** A store in memory, with some methods replaced, and the calls that it got. */
function storeWith(replaced: (memory: MemoryFactorStore) => Partial<FactorStore> = () => ({})) {
  const memory = new MemoryFactorStore();
  const calls: string[] = [];
  const own = replaced(memory);
  const store: FactorStore = {
    load: (id) => {
      calls.push('load');
      return (own.load ?? memory.load.bind(memory))(id);
    },
    save: (id, next, expected) => {
      calls.push('save');
      return (own.save ?? memory.save.bind(memory))(id, next, expected);
    },
    delete: (id) => memory.delete(id),
  };
  return { memory, store, calls, records: new FactorRecords(store) };
}

const isStoreError = (message: RegExp) => (error: Error & { code?: string; status?: number }) => {
  assert.equal(error.code, 'ERR_TWILIO_VERIFY_STORE');
  assert.equal(error.status, 503);
  assert.match(error.message, message);
  return true;
};

describe('FactorRecords.read', () => {
  it('a user with nothing stored has an empty record', async () => {
    assert.deepEqual(await storeWith().records.read('ann'), EMPTY_RECORD);
  });

  const answers: readonly { readonly name: string; readonly answer: unknown; readonly message: RegExp }[] = [
    { name: 'null', answer: null, message: /or to undefined if nothing is stored/ },
    { name: 'a list of rows', answer: [], message: /must resolve to \{ record, revision \}/ },
    { name: 'a record without a revision', answer: { record: EMPTY_RECORD }, message: /must resolve to/ },
    { name: 'an empty revision', answer: { record: EMPTY_RECORD, revision: '' }, message: /must resolve to/ },
    { name: 'a number as revision', answer: { record: EMPTY_RECORD, revision: 1 }, message: /must resolve to/ },
    { name: 'text in place of a record', answer: { record: '{"schema":1}', revision: 'r' }, message: /not an object/ },
    { name: 'a list in place of a record', answer: { record: [], revision: 'r' }, message: /not an object/ },
    { name: 'null in place of a record', answer: { record: null, revision: 'r' }, message: /not an object/ },
    { name: 'a record of an older schema', answer: { record: { schema: 0 }, revision: 'r' }, message: /schema number/ },
    { name: 'a record of a newer schema', answer: { record: { schema: 2 }, revision: 'r' }, message: /schema number/ },
    { name: 'a record without a schema', answer: { record: {}, revision: 'r' }, message: /schema number/ },
    ...[
      { name: 'codes that are no set', recoveryCodes: 'codes' },
      { name: 'codes without a salt', recoveryCodes: { ...SET, salt: undefined } },
      { name: 'codes without hashes', recoveryCodes: { ...SET, hashes: undefined } },
      { name: 'an empty hash', recoveryCodes: { ...SET, hashes: [''] } },
      { name: 'a hash that is a number', recoveryCodes: { ...SET, hashes: [1] } },
      { name: 'a cost that takes gigabytes', recoveryCodes: { ...SET, cost: { N: 2 ** 30, r: 8, p: 1 } } },
      { name: 'a cost of nothing', recoveryCodes: { ...SET, cost: { N: 1, r: 8, p: 1 } } },
      { name: 'a cost that is no power of two', recoveryCodes: { ...SET, cost: { N: 4095, r: 8, p: 1 } } },
      { name: 'codes made at no time', recoveryCodes: { ...SET, createdAt: Number.NaN } },
    ].map(({ name, recoveryCodes }) => ({
      name,
      answer: { record: { ...EMPTY_RECORD, recoveryCodes }, revision: 'r' },
      message: /invalid "recoveryCodes"/,
    })),
    {
      name: 'shown codes that are damaged',
      answer: { record: { ...EMPTY_RECORD, shownCodes: {} }, revision: 'r' },
      message: /invalid "shownCodes"/,
    },
    ...[
      { name: 'devices that are no list', devices: {} },
      { name: 'a device without a hash', devices: [{ ...DEVICE, hash: undefined }] },
      { name: 'a device that expires at no time', devices: [{ ...DEVICE, expiresAt: '2027' }] },
      { name: 'a device without a factor', devices: [{ ...DEVICE, factor: '' }] },
      { name: 'a device whose browser is a number', devices: [{ ...DEVICE, browser: 1 }] },
      { name: 'a device that is null', devices: [DEVICE, null] },
    ].map(({ name, devices }) => ({
      name,
      answer: { record: { ...EMPTY_RECORD, devices }, revision: 'r' },
      message: /invalid "devices"/,
    })),
    {
      name: 'a preferred method that does not exist',
      answer: { record: { ...EMPTY_RECORD, preferredMethod: 'fax' }, revision: 'r' },
      message: /invalid "preferredMethod"/,
    },
  ];
  for (const { name, answer, message } of answers) {
    it(`${name} is a failure, and no empty record`, async () => {
      const { records, calls } = storeWith(() => ({ load: async () => answer as never }));
      await assert.rejects(records.read('ann'), isStoreError(message));
      await assert.rejects(
        records.update('ann', async () => ({ next: WITH_CODES, result: 'written' })),
        isStoreError(message),
      );
      assert.ok(!calls.includes('save'));
    });
  }

  it('a store that rejects, throws, or rejects with text is a failure with its cause', async () => {
    const load = () => Promise.reject(new Error('connection refused'));
    await assert.rejects(storeWith(() => ({ load })).records.read('ann'), isStoreError(/connection refused.*"store"/));
    const throws = () => {
      throw new Error('not connected');
    };
    await assert.rejects(storeWith(() => ({ load: throws })).records.read('ann'), isStoreError(/not connected/));
    const rejects = () => Promise.reject('down');
    await assert.rejects(storeWith(() => ({ load: rejects })).records.read('ann'), isStoreError(/not an Error/));
  });

  it('a store that does not answer is a failure after 3 seconds', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const { records } = storeWith(() => ({ load: () => new Promise(() => undefined) }));
    const reading = assert.rejects(records.read('ann'), isStoreError(/no answer within 3000 ms/));
    t.mock.timers.tick(3_000);
    await reading;
  });
});

describe('FactorRecords.update', () => {
  it('a change is written under a new revision of 128 random bits', async () => {
    const { records, memory } = storeWith();
    const revisions = new Set<string>();
    for (let count = 0; count < 5; count += 1) {
      assert.equal(await records.update('ann', async () => ({ next: WITH_CODES, result: count })), count);
      const { record, revision } = (await memory.load('ann')) as StoredFactors;
      assert.deepEqual(record, WITH_CODES);
      assert.equal(Buffer.from(revision, 'base64url').length, 16);
      revisions.add(revision);
    }
    assert.equal(revisions.size, 5);
  });

  it('nothing is written if there is no next record', async () => {
    const { records, calls } = storeWith();
    assert.equal(await records.update('ann', async () => ({ result: 'nothing to do' })), 'nothing to do');
    assert.deepEqual(calls, ['load']);
  });

  it('a lost race is decided again with the record that won', async () => {
    const { records, memory } = storeWith();
    const seen: FactorRecord[] = [];
    const result = await records.update('ann', async (record) => {
      seen.push(record);
      if (seen.length === 1) await memory.save('ann', { record: WITH_CODES, revision: 'other' }, undefined);
      return record.recoveryCodes ? { result: 'there are codes' } : { next: EMPTY_RECORD, result: 'written' };
    });
    assert.equal(result, 'there are codes');
    assert.deepEqual(seen, [EMPTY_RECORD, WITH_CODES]);
    assert.equal((await memory.load('ann'))?.revision, 'other');
  });

  it('the fourth lost race is a failure', async () => {
    const { records, calls } = storeWith(() => ({ save: async () => false }));
    await assert.rejects(
      records.update('ann', async () => ({ next: WITH_CODES, result: 'written' })),
      isStoreError(/changed the same record/),
    );
    assert.equal(calls.filter((call) => call === 'save').length, 4);
  });

  it('a write that the client of the store repeated counts once', async () => {
    const { records, memory, calls } = storeWith((store) => ({
      save: async (id, next, expected) => {
        await store.save(id, next, expected);
        return store.save(id, next, expected);
      },
    }));
    assert.equal(await records.update('ann', async () => ({ next: WITH_CODES, result: 'written' })), 'written');
    assert.equal(calls.filter((call) => call === 'save').length, 1);
    assert.deepEqual((await memory.load('ann'))?.record, WITH_CODES);
  });

  for (const answer of [undefined, 1, 'OK', null]) {
    it(`save() that resolves to ${answer} is a failure`, async () => {
      const { records } = storeWith(() => ({ save: async () => answer as never }));
      await assert.rejects(
        records.update('ann', async () => ({ next: WITH_CODES, result: 'written' })),
        isStoreError(/true or false/),
      );
    });
  }

  it('an error of the decision is passed on unchanged', async () => {
    const error = new Error('scrypt failed');
    await assert.rejects(
      storeWith().records.update('ann', () => Promise.reject(error)),
      error,
    );
  });

  it('fields of a later release are kept', async () => {
    const { records, memory } = storeWith();
    await memory.save('ann', { record: { ...WITH_CODES, later: ['kept'] }, revision: 'r' }, undefined);
    await records.update('ann', async (record) => ({ next: { ...record, shownCodes: SET }, result: undefined }));
    assert.deepEqual((await memory.load('ann'))?.record, { ...WITH_CODES, later: ['kept'], shownCodes: SET });
  });
});

describe('FactorRecords.reset', () => {
  it('a reset writes an empty record with a new revision, so a stale writer loses', async () => {
    const { records, memory } = storeWith();
    await memory.save('ann', { record: WITH_CODES, revision: 'old' }, undefined);
    await records.reset('ann');
    assert.deepEqual((await memory.load('ann'))?.record, EMPTY_RECORD);
    assert.equal(await memory.save('ann', { record: WITH_CODES, revision: 'stale' }, 'old'), false);
  });

  it('a reset replaces a record that cannot be read', async () => {
    const { records, memory } = storeWith();
    await memory.save('ann', { record: { schema: 7 }, revision: 'old' }, undefined);
    await records.reset('ann');
    assert.deepEqual(await records.read('ann'), EMPTY_RECORD);
  });

  it('a reset of a user without a record stores an empty one', async () => {
    const { records, memory } = storeWith();
    await records.reset('ann');
    assert.deepEqual((await memory.load('ann'))?.record, EMPTY_RECORD);
  });
});

describe('FactorRecord', () => {
  it('no key of a record contains a dot or a dollar sign', () => {
    const keys = (value: unknown): string[] =>
      typeof value === 'object' && value !== null
        ? Object.entries(value).flatMap(([key, inner]) => [key, ...keys(inner)])
        : [];
    const names = keys({ ...WITH_CODES, shownCodes: SET });
    assert.ok(names.includes('hashes'));
    for (const name of names) assert.doesNotMatch(name, /[.$]/);
  });
});
