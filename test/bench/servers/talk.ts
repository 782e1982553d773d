/** What a server is asked over the channel to its parent. */
export type Question = 'memory' | 'counts' | 'touched' | 'record' | 'forgetSessions' | 'expire' | 'beSlow';

/** An application that listens. */
export interface Application {
  readonly url: string;
  readonly answers: Partial<Record<Question, () => unknown>>;
}

/** Tells the parent that the server is ready, answers it, and ends with it. */
export function talk(ready: object, answers: Application['answers'] = {}): void {
  process.on('message', async ({ id, question }: { id: number; question: Question }) => {
    const answer = await { memory, ...answers }[question]?.();
    process.send?.({ id, answer });
  });
  process.on('disconnect', () => process.exit());
  process.send?.(ready);
}

/** Megabytes of heap, after a thorough collection: what finalizers free goes with the next one. */
async function memory(): Promise<number> {
  for (let times = 0; times < 4; times += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
}
