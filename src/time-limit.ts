/** Waits so long for an answer, and rejects when it is late: a person waits for what depends on it. */
export function inTime<T>(ms: number, answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
    const settle =
      <R>(end: (result: R) => void) =>
      (result: R) => {
        clearTimeout(timer);
        end(result);
      };
    answer.then(settle(resolve), settle(reject));
  });
}
