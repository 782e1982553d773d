import type { RunDetails } from 'fast-check';

/**
 * A seed that is always tried, so that a fresh clone tests what the last one did, and one that is new.
 * A failure prints its seed: `FUZZ_SEED=… npm test -- fuzz` tries that one alone.
 */
export function seeds(): readonly { readonly name: string; readonly seed: number }[] {
  const given = process.env.FUZZ_SEED;
  if (given) return [{ name: `the given seed ${given}`, seed: Number(given) }];
  const random = Math.floor(Math.random() * 2 ** 31);
  return [
    { name: 'the seed that is always tried', seed: 20_010_911 },
    { name: `the random seed ${random}`, seed: random },
  ];
}

/**
 * Says what failed and how to have it fail again.
 *
 * @param isShown - Whether the counterexample is short enough to be printed.
 */
export function report<T>(run: RunDetails<T>, isShown: boolean): void {
  const { failed, seed, counterexample, counterexamplePath, numRuns, errorInstance } = run;
  if (!failed) return;
  const shown = isShown ? `\n${String(counterexample)}` : '';
  throw new Error(
    `After ${numRuns} runs, with FUZZ_SEED=${seed} (path ${counterexamplePath}):${shown}\n${errorInstance}`,
    {
      cause: errorInstance,
    },
  );
}
