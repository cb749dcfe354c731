/**
 * The tensors that a program starts from, made of the blobs that its headers name.
 *
 * @module
 */
import { type Hash, tensorRoot } from "../../ledger/primitives/mod.ts";
import { type BlobSource, loadTensors, type OpenedProgram } from "../program/mod.ts";
import type { Tensor } from "../tensor.ts";
import type { State } from "./phase_runner.ts";
import { rememberRoots, type TensorRoots } from "./tensor_roots.ts";

/** What a run needs besides the program. */
export interface ProgramInputs {
  readonly state: State;
  readonly data: readonly Tensor[];
  /** Knows the roots of `state` and `data`. */
  readonly roots: TensorRoots;
}

/**
 * Builds a program's inputs.
 *
 * @throws {ExecutorError} `bad_program` naming a tensor whose blob is missing or another, `bad_tensor` for one of another size.
 */
export function programInputs(opened: OpenedProgram, blobs: BlobSource): ProgramInputs {
  const state = loadTensors(opened.state, blobs);
  const data = loadTensors(opened.data, blobs);
  const rootsOf = (tensors: readonly Tensor[], headers: OpenedProgram["state"]) =>
    tensors.flatMap((tensor, i): [Tensor, Hash][] => {
      const header = headers[i]?.header;
      return header === undefined ? [] : [[tensor, tensorRoot(header)]];
    });
  const roots = rememberRoots([...rootsOf(state, opened.state), ...rootsOf(data, opened.data)]);
  return { state, data, roots };
}
