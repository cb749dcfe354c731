/**
 * What a model is made of, without judging it.
 *
 * @module
 */
import onnxProto from "onnx-proto";
import { messageOf } from "../../ledger/primitives/mod.ts";
import { ExecutorError } from "../errors.ts";

/**
 * The operators of a model, each once, in the order of their first node; those of other domains as `domain.Name`. Works for
 * models that `parseModel` refuses, so that a refusal can say what it is about.
 *
 * @throws {ExecutorError} `malformed_model` for bytes that are no model.
 */
export function listOperators(bytes: Uint8Array): readonly string[] {
  try {
    const nodes = onnxProto.onnx.ModelProto.decode(bytes).graph?.node ?? [];
    return [
      ...new Set(
        nodes.map(({ domain, opType }) =>
          !domain || domain === "ai.onnx" ? opType ?? "" : `${domain}.${opType}`
        ),
      ),
    ];
  } catch (cause) {
    throw new ExecutorError(
      "malformed_model",
      `The bytes are not an ONNX model (${messageOf(cause)}).`,
      {},
      cause,
    );
  }
}
