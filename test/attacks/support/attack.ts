import type { Site } from './site.js';

/** An attack that must fail on every framework and with every session store. */
export interface Attack {
  readonly threat: 'T26' | 'T27' | 'T29' | 'T30';
  /** A claim that holds if the attack fails. */
  readonly name: string;
  readonly run: (site: Site) => Promise<void>;
  /** For attacks on our pages, which need Express. */
  readonly needsPages?: true;
}
