/**
 * Gradients of embeddings: the rows of the gradient that were read from the wanted rows of the table.
 *
 * @module
 */
import { elementCount, type Tensor } from "../../tensor.ts";
import { operandOf } from "../access/mod.ts";
import { coversOf } from "./boxes.ts";
import type { PartRule } from "./part_rule.ts";
import type { Piece, Run } from "./piece.ts";

/** See the module. Which rows those are, the indices say. */
export const embeddingGradient: PartRule = (part) => {
  const { types: { node }, x, output, known } = part;
  const [vocabulary = 1, width = 1] = output.shape, count = elementCount(x.shape);
  const multiplyAdds = (part.end - part.start) * count;
  const indices = known.get(0);
  if (output.shape.length !== 2) return undefined;
  if (indices === undefined) return { kind: "awaits", input: 0, multiplyAdds };
  const { at } = operandOf(indices, `the indices of node ${node.name}`);
  const targets = Int32Array.from({ length: count }, (_, i) => at(i) < 0 ? at(i) + vocabulary : at(i));
  const pieces = coversOf(output.shape, part).map((cover): Piece => {
    const [row = 0, column = 0] = cover.starts, [rows = 0, columns = 0] = cover.sizes;
    const read = [...targets.keys()].filter((i) => {
      const target = (targets[i] ?? 0) - row;
      return target >= 0 && target < rows;
    });
    const into: Tensor = {
      dtype: "int64",
      shape: [read.length],
      data: BigInt64Array.from(read, (i) => BigInt((targets[i] ?? 0) - row)),
    };
    return {
      node: read.length === 0 ? undefined : node,
      inputs: read.length === 0 ? [] : [into, {
        input: 1,
        shape: [read.length, columns],
        runs: () => read.map((i): Run => [i * width + column, columns]),
      }],
      output: { ...output, shape: cover.sizes },
      from: cover.from,
      count: cover.count,
    };
  });
  return { kind: "pieces", pieces, multiplyAdds };
};
