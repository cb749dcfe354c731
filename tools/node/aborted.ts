/**
 * Waiting for Ctrl-C.
 *
 * @module
 */

/** Resolves when the signal fires: the way to wait for the end of something that has none of its own. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
