/**
 * A ledger client that leaves operations out, or sends others in their place.
 *
 * @module
 */
import type { LedgerCall, LedgerClient } from "../../../../actors/mod.ts";
import type { Operation } from "../../../../ledger/mod.ts";

/** Rejects when the signal fires, and not before. */
export function forever(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

/** Stays silent where one of these operations would be due. */
export function silentOn(...kinds: readonly Operation["kind"][]): (own: LedgerClient) => LedgerClient {
  const silent = new Set<string>(kinds);
  return (own) => ({
    ...own,
    submit: (operation, call) =>
      silent.has(operation.kind) ? forever(call.signal) : own.submit(operation, call),
  });
}

/** Sends what `change` makes of an operation. */
export function changing(
  own: LedgerClient,
  change: (operation: Operation, call: LedgerCall) => Operation | Promise<Operation>,
): LedgerClient {
  return { ...own, submit: async (operation, call) => await own.submit(await change(operation, call), call) };
}
