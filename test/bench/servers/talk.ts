/** A question from the parent process. */
export type Question = 'memory' | 'counts' | 'touched' | 'record' | 'forgetSessions' | 'expire' | 'beSlow';

/** A running application. */
export interface Application {
  readonly url: string;
  readonly answers: Partial<Record<Question, () => unknown>>;
}

/** Reports to the parent that the server is ready, answers its questions, and exits with it. */
export function talk(ready: object, answers: Application['answers'] = {}): void {
  process.on('message', async ({ id, question }: { id: number; question: Question }) => {
    const answer = await { memory, ...answers }[question]?.();
    process.send?.({ id, answer });
  });
  process.on('disconnect', () => process.exit());
  process.send?.(ready);
}

/** Returns the megabytes of heap after several collections, as finalizers free memory for the next one only. */
async function memory(): Promise<number> {
  for (let times = 0; times < 4; times += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
}
