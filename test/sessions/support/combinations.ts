import { NODE_VERSIONS, type NodeVersion } from '../../support/node-versions.js';

export const EXPRESS_VERSIONS = [4, 5] as const;
export const STORE_NAMES = ['memory', 'redis', 'postgres', 'cookie'] as const;
export type StoreName = (typeof STORE_NAMES)[number];

/** The combination that one run of the flow uses. */
export interface Combination {
  readonly node: NodeVersion;
  readonly express: (typeof EXPRESS_VERSIONS)[number];
  readonly store: StoreName;
}

/** Every version of Node with every version of Express and every store. */
export function allCombinations(nodes: readonly NodeVersion[]): Combination[] {
  return nodes.flatMap((node) =>
    EXPRESS_VERSIONS.flatMap((express) => STORE_NAMES.map((store) => ({ node, express, store }))),
  );
}

/**
 * As few as have each pair of two values: all pairs of Node and store, and the versions of Express in turn, as on a
 * chessboard. If a version of Node is missing, a chessboard would lack pairs, so all combinations are run.
 */
export function pairwiseCombinations(nodes: readonly NodeVersion[]): Combination[] {
  const all = allCombinations(nodes);
  if (nodes.length < NODE_VERSIONS.length) return all;
  const place = ({ node, express, store }: Combination) =>
    nodes.indexOf(node) + EXPRESS_VERSIONS.indexOf(express) + STORE_NAMES.indexOf(store);
  return all.filter((combination) => place(combination) % 2 === 0);
}
