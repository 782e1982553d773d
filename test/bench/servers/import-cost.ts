/** Sends the cost of importing a package after Express and Passport, in milliseconds and megabytes. */
async function measure(name: string): Promise<void> {
  await import('express');
  await import('passport');
  const before = heap();
  const start = performance.now();
  await import(name);
  const ms = performance.now() - start;
  process.send?.({ ms, megabytes: heap() - before });
  process.disconnect();
}

function heap(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
}

void measure(process.env.PACKAGE ?? '');
