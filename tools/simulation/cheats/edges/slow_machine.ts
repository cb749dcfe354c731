/**
 * An honest executor on a machine that takes its time: in virtual time computing takes none.
 *
 * @module
 */
import type { CallOptions, Executor, RunEvent, RunListener } from "../../../../executor/mod.ts";
import { throwIfAborted } from "../../../../executor/run/mod.ts";
import type { TwistPowers } from "../../market/twist.ts";

/** Takes `stepMs` for each step of a run and of a rehearsal. */
export function slowMachine(own: Executor, { pause }: TwistPowers, stepMs: number): Executor {
  const slowly = async <T>(
    work: (listener: RunListener) => Promise<T>,
    { signal }: CallOptions,
    listener: RunListener | undefined,
  ): Promise<T> => {
    const events: RunEvent[] = [];
    const result = await work((event) => void events.push(event));
    for (const event of events) {
      if (event.kind === "step") await pause(stepMs, signal);
      throwIfAborted(signal);
      listener?.(event);
    }
    return result;
  };
  return {
    ...own,
    run: (request, call, listener) => slowly((hear) => own.run(request, call, hear), call, listener),
    rehearse: (request, call, listener) =>
      slowly((hear) => own.rehearse(request, call, hear), call, listener),
  };
}
