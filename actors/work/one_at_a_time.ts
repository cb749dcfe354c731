/**
 * Works of one kind that must not meet.
 *
 * @module
 */

/** Does works with the same key one after another, in the order in which they came; those with others meanwhile. */
export type OneAtATime = <T>(key: string, work: () => Promise<T>) => Promise<T>;

/** See {@link OneAtATime}. Memory: the works that wait. */
export function makeOneAtATime(): OneAtATime {
  const last = new Map<string, Promise<void>>();
  return async (key, work) => {
    const before = last.get(key), { promise: mine, resolve: done } = Promise.withResolvers<void>();
    last.set(key, mine);
    try {
      await before;
      return await work();
    } finally {
      done();
      if (last.get(key) === mine) last.delete(key);
    }
  };
}
