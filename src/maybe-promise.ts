/** What a callback of the application may give: the value, or a promise of it. */
export type MaybePromise<T> = T | PromiseLike<T>;

/** Whether the value is still to come. */
export function isPromiseLike<T>(value: MaybePromise<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

/** All values, at once if none of them is still to come. */
export function all<T extends readonly unknown[]>(
  values: readonly [...{ [K in keyof T]: MaybePromise<T[K]> }],
): MaybePromise<T> {
  return values.some(isPromiseLike)
    ? (Promise.all(values) as Promise<unknown> as Promise<T>)
    : (values as unknown as T);
}

/**
 * Goes on with `next` at once when `value` is there, or when its promise resolves. A request behind the gate passes
 * without a turn of the event loop as long as no callback of the application is asynchronous.
 */
export function chain<T, R>(value: MaybePromise<T>, next: (value: T) => MaybePromise<R>): MaybePromise<R> {
  return isPromiseLike(value) ? value.then(next) : next(value);
}
