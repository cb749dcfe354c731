/**
 * Which pieces a part of an output is, and which chunks of the inputs they take.
 *
 * @module
 */
import { CHUNK_BYTES, type Dtype } from "../../../ledger/primitives/mod.ts";
import { ASSAY_DOMAIN } from "../../onnx/mod.ts";
import { ELEMENT_BYTES, elementCount } from "../../tensor.ts";
import {
  chunkCount,
  type InputNeeds,
  type KnownInputs,
  type NodeRange,
  type NodeTypes,
  requireRange,
} from "../access/mod.ts";
import { isPointwise } from "../reference/mod.ts";
import { convolution } from "./convolution.ts";
import { embeddingGradient } from "./embedding.ts";
import type { PartPlan, PartRule } from "./part_rule.ts";
import { isSlab, type Slab } from "./piece.ts";
import { pointwise, reshaped, transposed } from "./pointwise.ts";
import { productRules } from "./products.ts";
import { rowRules } from "./rows.ts";

const rules: Readonly<Record<string, PartRule>> = {
  ...productRules,
  ...rowRules,
  Conv: convolution,
  Transpose: transposed,
  Reshape: reshaped,
  Flatten: reshaped,
  Squeeze: reshaped,
  Unsqueeze: reshaped,
};

function ruleOf({ operator, domain }: NodeTypes["node"]): PartRule | undefined {
  if (domain === ASSAY_DOMAIN) return operator === "EmbeddingGradient" ? embeddingGradient : undefined;
  if (domain !== "" && domain !== "ai.onnx") return undefined;
  return rules[operator] ?? (isPointwise(operator) ? pointwise : undefined);
}

/** The plan of a part; `undefined` where only the reference computes parts of such a node. */
export function planPart(types: NodeTypes, range: NodeRange, known: KnownInputs): PartPlan | undefined {
  const output = requireRange(types, range), [x] = types.inputs;
  if (range.output !== 0 || range.start === range.end || x === undefined) return undefined;
  return ruleOf(types.node)?.({ types, x, output, start: range.start, end: range.end, known });
}

/** Chunks that a slab's elements stand in. */
function noteChunks({ runs }: Slab, dtype: Dtype, marks: Set<number>): void {
  const width = ELEMENT_BYTES[dtype];
  for (const [from, length] of runs()) {
    const last = Math.ceil((from + length) * width / CHUNK_BYTES);
    for (let chunk = Math.floor(from * width / CHUNK_BYTES); chunk < last; chunk++) marks.add(chunk);
  }
}

/** Which input chunks a plan takes, and what it costs. */
export function needsOfPlan({ inputs }: NodeTypes, plan: PartPlan): InputNeeds {
  if (plan.kind === "awaits") {
    const { input, multiplyAdds } = plan, info = inputs[input];
    const all = Array.from({ length: info ? chunkCount(info) : 0 }, (_, chunk) => chunk);
    return { complete: false, chunks: new Map([[input, all]]), multiplyAdds };
  }
  const slabs = plan.pieces.flatMap((piece) =>
    piece.inputs.flatMap((input) => input !== undefined && isSlab(input) ? [input] : [])
  );
  const marks = new Map<number, Set<number>>();
  for (const slab of slabs) {
    const chunks = marks.get(slab.input) ?? new Set();
    marks.set(slab.input, chunks);
    noteChunks(slab, inputs[slab.input]?.dtype ?? "float32", chunks);
  }
  return {
    complete: true,
    chunks: new Map(
      [...marks].flatMap(([input, chunks]) =>
        chunks.size === 0 ? [] : [[input, [...chunks].sort((a, b) => a - b)] as const]
      ),
    ),
    multiplyAdds: plan.multiplyAdds ?? slabs.reduce((sum, { shape }) => sum + elementCount(shape), 0),
  };
}
