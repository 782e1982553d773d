import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NODE_VERSIONS, type NodeVersion } from '../support/node-versions.js';
import {
  allCombinations,
  type Combination,
  EXPRESS_VERSIONS,
  pairwiseCombinations,
  STORE_NAMES,
} from './support/combinations.js';

/** The pairs that each of the combinations has. */
function pairsOf(combinations: readonly Combination[]): Set<string> {
  return new Set(
    combinations.flatMap(({ node, express, store }) => [
      `Node ${node}, Express ${express}`,
      `Node ${node}, ${store}`,
      `Express ${express}, ${store}`,
    ]),
  );
}

function pairsOfAll(nodes: readonly NodeVersion[]): Set<string> {
  const pairs = new Set<string>();
  for (const express of EXPRESS_VERSIONS) for (const store of STORE_NAMES) pairs.add(`Express ${express}, ${store}`);
  for (const node of nodes) {
    for (const express of EXPRESS_VERSIONS) pairs.add(`Node ${node}, Express ${express}`);
    for (const store of STORE_NAMES) pairs.add(`Node ${node}, ${store}`);
  }
  return pairs;
}

describe('the combinations of Node, Express and session store', () => {
  it('the combinations are twenty-four in all, each once', () => {
    const all = allCombinations(NODE_VERSIONS);
    assert.equal(new Set(all.map((combination) => JSON.stringify(combination))).size, 24);
    assert.equal(all.length, 24);
  });

  it('the combinations of npm test cover each pair, in half as many runs', () => {
    const chosen = pairwiseCombinations(NODE_VERSIONS);
    assert.deepEqual([...pairsOf(chosen)].sort(), [...pairsOfAll(NODE_VERSIONS)].sort());
    assert.equal(chosen.length, 12);
  });

  for (const nodes of [[20], [24], [20, 24]] as const) {
    it(`the combinations cover each pair even if Node is only ${nodes.join(' and ')}`, () => {
      assert.deepEqual([...pairsOf(pairwiseCombinations(nodes))].sort(), [...pairsOfAll(nodes)].sort());
    });
  }
});
