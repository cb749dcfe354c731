/**
 * Assembling a batch on the host. A `Gather` of whole rows of a data tensor by the step's batch copies rows and computes
 * nothing, so the host does it, and the data set need not enter the engine's memory at every step. Such a node is *defined* as
 * this copy: a run, a trace and an arbiter all go through {@link gatherRows}, so their bits agree on every engine.
 *
 * @module
 */
import type { NodeDescriptor } from "../../ledger/primitives/mod.ts";
import { ExecutorError } from "../errors.ts";
import type { GraphNode } from "../graph.ts";
import { ELEMENT_BYTES, elementCount, type Tensor, tensorBytes, zeros } from "../tensor.ts";

/** Whether a node copies rows of a data tensor by the step's batch. */
export function isHostGather(node: GraphNode, descriptor: NodeDescriptor): boolean {
  const axis = node.attributes["axis"];
  const alongRows = axis === undefined || (axis.type === "int" && axis.value === 0n);
  const [source, indices] = descriptor.inputs;
  return node.operator === "Gather" && node.domain === "" && alongRows && source?.kind === "data" &&
    indices?.kind === "batch";
}

/**
 * Copies rows: `output[i] = data[indices[i]]`.
 *
 * @param data Shape [rows, ...].
 * @param indices int64, shape [size]; each in [0, rows).
 * @param before A result for as many indices of the same tensor that nobody needs any more: its memory is used again, since fresh pages would take
 * longer than the copy.
 * @throws {ExecutorError} `bad_tensor` for a scalar, for indices of another type, or one outside the data.
 */
export function gatherRows(data: Tensor, indices: Tensor, before?: Tensor): Tensor {
  const [rows, ...rest] = data.shape;
  if (rows === undefined || !(indices.data instanceof BigInt64Array)) {
    throw new ExecutorError(
      "bad_tensor",
      "Rows are gathered from a tensor of one dimension or more by int64 indices.",
    );
  }
  const rowBytes = elementCount(rest) * ELEMENT_BYTES[data.dtype];
  const gathered = before ?? zeros({ dtype: data.dtype, shape: [...indices.shape, ...rest] });
  const source = tensorBytes(data), target = tensorBytes(gathered);
  indices.data.forEach((index, i) => {
    if (index < 0n || index >= rows) {
      throw new ExecutorError(
        "bad_tensor",
        `A batch index must lie in [0, ${rows}): position ${i} holds ${index}.`,
      );
    }
    const from = Number(index) * rowBytes;
    target.set(source.subarray(from, from + rowBytes), i * rowBytes);
  });
  return { ...gathered };
}
