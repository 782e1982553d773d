/** Collects timers of more than a minute from now on. The returned function fires them, so the run doesn't wait a day. */
export function collectLateTimers(): () => void {
  const { setTimeout: set, clearTimeout: clear } = globalThis;
  const late = new Map<NodeJS.Timeout, () => void>();
  const setAndCollect = (run: (...given: unknown[]) => void, ms?: number, ...given: unknown[]) => {
    const timer = set(run, ms, ...given);
    if ((ms ?? 0) > 60_000) late.set(timer, run);
    return timer;
  };
  const forgetAndClear = (timer: NodeJS.Timeout) => {
    late.delete(timer);
    clear(timer);
  };
  Object.assign(globalThis, { setTimeout: setAndCollect, clearTimeout: forgetAndClear });
  return () => {
    for (const [timer, run] of late) {
      clear(timer);
      run();
    }
    late.clear();
  };
}
