/** Waits for `result`, and rejects if it takes longer than `ms` milliseconds. */
export function withTimeLimit<T>(ms: number, result: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(Object.assign(new Error(`no answer within ${ms} ms`), { code: 'ETIMEDOUT' }));
    const timer = setTimeout(late, ms);
    const settle =
      <R>(end: (result: R) => void) =>
      (result: R) => {
        clearTimeout(timer);
        end(result);
      };
    result.then(settle(resolve), settle(reject));
  });
}
