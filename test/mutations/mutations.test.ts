import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { ROOT } from '../support/run-tests.js';
import { MUTATIONS } from './mutations.js';
import { type Mutation, mutate, selectMutations, titleOf } from './support/mutation.js';

/** The threats that have a test file, such as `T8` for `t08-reset-the-counters.test.ts`. */
const THREATS = [
  ...new Set(
    readdirSync(path.join(ROOT, 'test', 'threats'))
      .map((file) => /^t(\d+)-.*\.test\.ts$/.exec(file)?.[1])
      .filter((number) => number !== undefined)
      .map((number) => `T${Number(number)}`),
  ),
];

const EXAMPLE: Mutation = {
  name: 'returns the wrong word',
  threat: 'T1',
  file: 'src/word.ts',
  search: "'right'",
  replace: "'wrong'",
  test: { file: 'test/word.test.ts' },
};

describe('the table of mutations', () => {
  for (const mutation of MUTATIONS) {
    it(`the mutation applies to the sources: ${titleOf(mutation)}`, () => {
      mutate(readFileSync(path.join(ROOT, mutation.file), 'utf8'), mutation);
      const { file, name } = mutation.test;
      assert.ok(existsSync(path.join(ROOT, file)), `${file} doesn't exist`);
      if (name !== undefined) assert.ok(readFileSync(path.join(ROOT, file), 'utf8').includes(name), `${file}: ${name}`);
    });
  }

  it('each mutation has its own name', () => {
    const names = MUTATIONS.map(({ name }) => name);
    assert.deepEqual(names, [...new Set(names)]);
  });

  it('test/threats covers T1 to T30', () => {
    const numbers = Array.from({ length: 30 }, (_, index) => index + 1);
    for (const number of numbers) assert.ok(THREATS.includes(`T${number}`), `T${number}`);
  });

  for (const threat of THREATS) {
    it(`${threat} has a mutation`, () => {
      assert.ok(MUTATIONS.some((mutation) => mutation.threat === threat));
    });
  }
});

describe('mutate', () => {
  it('mutate replaces the search text', () => {
    assert.equal(mutate("return 'right';", EXAMPLE), "return 'wrong';");
  });

  it('mutate inserts replacement patterns of String.replace literally', () => {
    assert.equal(mutate("return 'right';", { ...EXAMPLE, replace: '$&' }), 'return $&;');
  });

  it('mutate throws if the search text is missing', () => {
    assert.throws(() => mutate('return 1;', EXAMPLE), /occurs 0 times/);
  });

  it('mutate throws if the search text occurs twice', () => {
    assert.throws(() => mutate("'right' + 'right'", EXAMPLE), /occurs 2 times/);
  });

  it('mutate throws if the replacement is the same text', () => {
    assert.throws(() => mutate("'right'", { ...EXAMPLE, replace: EXAMPLE.search }), /must differ/);
  });
});

describe('selectMutations', () => {
  const other: Mutation = { ...EXAMPLE, name: 'loses a word', threat: 'T10', file: 'src/letter.ts' };
  const both = [EXAMPLE, other];
  const rows: readonly { name: string; filters: readonly string[]; selected: readonly Mutation[] }[] = [
    { name: 'no filter selects all mutations', filters: [], selected: both },
    { name: 'a threat selects its own mutations only', filters: ['t1'], selected: [EXAMPLE] },
    { name: 'a part of a name selects the mutation', filters: ['loses'], selected: [other] },
    { name: 'a part of a path selects the mutation', filters: ['src/word'], selected: [EXAMPLE] },
    { name: 'several filters add up', filters: ['T10', 'word.ts'], selected: both },
    { name: 'an unknown filter selects no mutation', filters: ['sentence'], selected: [] },
  ];
  for (const { name, filters, selected } of rows) {
    it(name, () => assert.deepEqual(selectMutations(both, filters), selected));
  }
});
