/** What a server is asked over the channel to its parent. */
export type Question = 'cpu' | 'memory' | 'counts' | 'reset';

/** Answers the parent, tells it that the server is ready, and ends with it. */
export function talk(ready: object, answers: Partial<Record<Question, () => unknown>>): void {
  process.on('message', async ({ id, question }: { id: number; question: Question }) => {
    const answer = await { ...own, ...answers }[question]?.();
    process.send?.({ id, answer: answer ?? null });
  });
  process.on('disconnect', () => process.exit());
  process.send?.(ready);
}

const own = {
  /** Milliseconds that the processor has worked for this process. */
  cpu: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
  /** Bytes after a thorough collection. */
  memory: async () => {
    for (let times = 0; times < 3; times += 1) {
      globalThis.gc?.();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const { heapUsed, external, rss } = process.memoryUsage();
    return { heap: heapUsed + external, rss };
  },
};
