/**
 * A workload on a session of ours.
 *
 * @module
 */
import { type Session, STEP_NAMES, type Tensors } from "../../../executor/mod.ts";
import type { Workload } from "./workloads.ts";

/** What is watched of a training: people see its curve. */
const LOSS = `${STEP_NAMES.next}loss`;

/**
 * One run after the other. Steps of a training are run as the executor runs them: the state stays in the session if it can keep it, the
 * batch goes in, the loss comes out; otherwise all goes out and in again.
 *
 * @param session Loaded with the workload's `carry`.
 */
export function runsOf(
  session: Session,
  { inputs, carry = {} }: Pick<Workload, "inputs" | "carry">,
): () => Promise<unknown> {
  const { step } = session, isStep = Object.keys(carry).length > 0;
  let next: Tensors = inputs;
  if (step === undefined || !isStep) {
    return async () => {
      const outputs = await session.run(next);
      const moved = Object.entries(carry).flatMap(([input, output]) => {
        const tensor = outputs[output];
        return tensor === undefined ? [] : [[input, tensor] as const];
      });
      next = { ...next, ...Object.fromEntries(moved) };
    };
  }
  const batch = Object.fromEntries(Object.entries(inputs).filter(([name]) => !Object.hasOwn(carry, name)));
  return async () => {
    await step({ inputs: next, read: [LOSS] });
    next = batch;
  };
}
