/** Waiting in real time that the end of the emulator cuts short. */
export interface Delays {
  /** Resolves with `true` when the time is over, with `false` when everything ends. */
  wait(ms: number): Promise<boolean>;
  cancel(): void;
}

/** Makes the delays of one emulator. */
export function createDelays(): Delays {
  const pending = new Map<NodeJS.Timeout, (isOver: boolean) => void>();
  return {
    wait: (ms) =>
      new Promise((resolve) => {
        const timer = setTimeout(() => {
          pending.delete(timer);
          resolve(true);
        }, ms);
        pending.set(timer, resolve);
      }),
    cancel() {
      for (const [timer, resolve] of pending) {
        clearTimeout(timer);
        resolve(false);
      }
      pending.clear();
    },
  };
}
