/**
 * An executor whose records of steps are not what it did.
 *
 * @module
 */
import type { Executor, StepRecord, StepRequest } from "../../../../executor/mod.ts";

/** Changes the records of steps. */
export function recording(
  own: Executor,
  change: (
    record: StepRecord,
    request: StepRequest,
    options: { readonly signal: AbortSignal },
  ) => StepRecord | Promise<StepRecord>,
): Executor {
  return {
    ...own,
    trace: async (request, options) => await change(await own.trace(request, options), request, options),
  };
}
