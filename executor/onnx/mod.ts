/**
 * ONNX: reading and writing models, static shapes, building graphs.
 *
 * Read `parse_model.ts` (with `upgrade_nodes.ts` for models of old), then `infer_shapes.ts` with `shape_rule.ts` and `rules/` (one function per operator family),
 * `fold_integers.ts`, `graph_builder.ts`, and `operator_hash.ts`. It knows the executor's contracts and onnx-proto, which it
 * hides: nothing of protobuf leaves this folder.
 *
 * @module
 */
export { floatAttribute, intAttribute, intsAttribute, stringAttribute } from "./attributes.ts";
export { broadcastShapes } from "./broadcast.ts";
export { buildModel, type BuildOptions } from "./build_model.ts";
export { dtypeOfOnnx, ONNX_TYPE } from "./element_types.ts";
export {
  type AttributeInput,
  type AttributeInputs,
  DEFAULT_OPSET,
  type EmbedOptions,
  floatValue,
  GraphBuilder,
  type GraphBuilderOptions,
} from "./graph_builder.ts";
export { bindShapes, inferNode, type InferredNode, type KnownValues } from "./infer_shapes.ts";
export { listOperators } from "./list_operators.ts";
export { operatorHash } from "./operator_hash.ts";
export { constantTensor, MIN_OPSET, parseModel, UNKNOWN_RANK } from "./parse_model.ts";
export { readTensorFile } from "./read_tensor_file.ts";
export { type EinsumLabels, parseEinsum } from "./einsum.ts";
export { ASSAY_DOMAIN, reducedAxes, SHAPE_RULES, splitSizes, type Window, windowOf } from "./rules/mod.ts";
export { specialize } from "./specialize.ts";
export { type NodeContext, type ShapeRule } from "./shape_rule.ts";
export { type SliceRange, sliceRanges } from "./slice_ranges.ts";
export { topologicalOrder } from "./topological_order.ts";
