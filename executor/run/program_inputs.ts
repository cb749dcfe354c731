/**
 * The tensors that a program starts from, made of the blobs that its headers name.
 *
 * @module
 */
import { bytesToHex, type Hash, type TensorHeader, tensorRoot } from "../../ledger/primitives/mod.ts";
import { ExecutorError } from "../errors.ts";
import type { NamedHeader, OpenedProgram } from "../program/mod.ts";
import { type Tensor, tensorFromBytes } from "../tensor.ts";
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
 * @param blobs The blob of a root whose bytes were checked against it, or `undefined`.
 * @throws {ExecutorError} `bad_request` naming a tensor whose blob is missing, `bad_tensor` for one that does not fill its shape.
 */
export function programInputs(
  opened: OpenedProgram,
  blobs: (root: Hash) => Uint8Array | undefined,
): ProgramInputs {
  const given: [Tensor, Hash][] = [];
  const build = ({ name, header }: NamedHeader): Tensor => {
    const tensor = tensorOf(name, header, blobs(header.blob));
    given.push([tensor, tensorRoot(header)]);
    return tensor;
  };
  const state = opened.state.map(build);
  const data = opened.data.map(build);
  return { state, data, roots: rememberRoots(given) };
}

function tensorOf(name: string, header: TensorHeader, bytes: Uint8Array | undefined): Tensor {
  if (bytes === undefined) {
    throw new ExecutorError(
      "bad_request",
      `The blob ${
        bytesToHex(header.blob)
      } of the tensor "${name}" is not at hand: load the program with all its blobs to run it.`,
      { tensor: name },
    );
  }
  return tensorFromBytes({ dtype: header.dtype, shape: header.shape }, bytes);
}
