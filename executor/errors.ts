/**
 * The executor's one error class.
 *
 * @module
 */
import { CodedError } from "../ledger/primitives/mod.ts";

/** What can be wrong with a model, a dataset, a program, or an execution. */
export type ExecutorErrorCode =
  | "malformed_model" // not an ONNX model, or an inconsistent one
  | "unsupported_operator" // the engine or the gradient does not know the operator: the message names node and operator
  | "bad_shape" // shapes do not fit together, or a dimension is not bound
  | "bad_tensor" // bytes, dtype or shape of a tensor are not what was declared
  | "malformed_file" // a safetensors, .npy or job file that cannot be read
  | "bad_program" // a program that contradicts itself or its blobs
  | "bad_request" // a request to the executor that makes no sense
  | "missing_chunk" // re-execution reads a chunk of an input that was not given
  | "engine_failed" // the engine threw while executing
  | "engine_unavailable" // the engine cannot run on this machine
  | "timed_out"
  | "cancelled"
  | "crashed"; // the executor's process died; nothing of the host is lost

/** A typed failure of the executor. */
export class ExecutorError extends CodedError<ExecutorErrorCode> {}
