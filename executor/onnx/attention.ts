/**
 * ONNX's Attention (operator set 23) as the nodes that its definition consists of, so that engines, gradients and commitments know
 * only those.
 *
 * Source: ONNX Operators.md, Attention: Q and K times the root of the scale, their product, plus the mask, soft-capped, softmax,
 * times V. Heads of K and V are repeated where Q has more.
 *
 * @module
 */
import type { Dtype, TensorInfo } from "../../ledger/primitives/mod.ts";
import { ExecutorError } from "../errors.ts";
import type { Attribute, GraphNode } from "../graph.ts";
import type { Tensor } from "../tensor.ts";
import { floatAttribute, intAttribute } from "./attributes.ts";
import { ONNX_TYPE } from "./element_types.ts";
import { nodeError } from "./shape_rule.ts";

/** What an expansion may ask and do in the graph where the node stands. */
export interface AttentionContext {
  /** Type of a value. */
  type(name: string): TensorInfo;
  /** Whether a value of the graph has the name. */
  isTaken(name: string): boolean;
  /** Adds a constant under a name. */
  constant(name: string, tensor: Tensor): void;
  /** Adds a node. */
  node(node: GraphNode): void;
}

/** Q, K or V as [batch, heads, time, size]. */
interface Heads {
  readonly name: string;
  readonly shape: readonly [batch: number, heads: number, time: number, size: number];
}

/**
 * Writes an Attention node as others, whose values are named after its first output.
 *
 * @throws {ExecutorError} `unsupported_operator` for another type than float32, a causal mask together with past keys (operator sets
 * differ in where it begins), and valid lengths (`nonpad_kv_seqlen`); `bad_shape`, naming the node.
 */
export function expandAttention(node: GraphNode, context: AttentionContext): void {
  const write = writerOf(node, context);
  refuseForms(node, write);
  const isFlat = write.shape(0).length === 3;
  const q = write.heads(0, "q_num_heads");
  const [batch, heads, time, size] = q.shape;
  const keys = withPast(write, write.heads(1, "kv_num_heads"), 4, 1);
  const values = withPast(write, write.heads(2, "kv_num_heads"), 5, 2);
  const [, keyHeads, total] = keys.shape;
  if (heads % keyHeads !== 0 || keys.shape[3] !== size || values.shape[2] !== total) {
    throw nodeError(
      node,
      "bad_shape",
      `its heads do not fit: [${q.shape}], [${keys.shape}], [${values.shape}].`,
    );
  }
  const root = write.float(Math.sqrt(floatAttribute(node, "scale", 0) || 1 / Math.sqrt(size)));
  const turned = write.add("Transpose", [repeated(write, keys, heads)], { perm: write.ints([0, 1, 3, 2]) });
  const scaled = [q.name, turned].map((value) => write.add("Mul", [value, root]));
  const mode = node.outputs[3] === undefined ? -1 : intAttribute(node, "qk_matmul_output_mode", 0);
  const shown = (stage: number) => mode === stage ? 3 : undefined;
  let scores = write.add("MatMul", scaled, {}, shown(0));
  const bias = biasOf(write, time, total);
  scores = bias === undefined ? scores : write.add("Add", [scores, bias], {}, shown(1));
  const masked = scores, cap = floatAttribute(node, "softcap", 0);
  if (cap !== 0) {
    const limit = write.float(cap);
    const share = write.add("Tanh", [write.add("Div", [masked, limit])]);
    scores = write.add("Mul", [share, limit], {}, shown(2));
  }
  // A stage that the node leaves out shows what the one before it gave.
  if ((mode === 1 && bias === undefined) || (mode === 2 && cap === 0)) write.add("Identity", [scores], {}, 3);
  const weights = write.add("Softmax", [scores], { axis: { type: "int", value: -1n } }, shown(3));
  const mixed = write.add("MatMul", [weights, repeated(write, values, heads)], {}, isFlat ? undefined : 0);
  if (!isFlat) return;
  const back = write.add("Transpose", [mixed], { perm: write.ints([0, 2, 1, 3]) });
  write.add("Reshape", [back, write.list([batch, time, heads * values.shape[3]])], {}, 0);
}

function refuseForms(node: GraphNode, write: Writer): void {
  const refuse = (reason: string) =>
    new ExecutorError(
      "unsupported_operator",
      `The node "${node.name}" uses the operator Attention in a form that is not supported: ${reason}.`,
      { node: node.name, operator: "Attention" },
    );
  if (write.info(0).dtype !== "float32") {
    throw refuse(`it computes in ${write.info(0).dtype}: cast to float32`);
  }
  const precision = intAttribute(node, "softmax_precision", ONNX_TYPE.float32);
  if (precision !== ONNX_TYPE.float32) throw refuse("its softmax is in another type than float32");
  if (write.has(6)) throw refuse("it is given valid lengths (nonpad_kv_seqlen): give a mask");
  if (write.has(4) && intAttribute(node, "is_causal", 0) !== 0) {
    throw refuse(
      "a causal mask with past keys begins in different places in different operator sets: give a mask",
    );
  }
}

/** Past keys or values before the new ones, which are an output too. */
function withPast(write: Writer, present: Heads, past: number, output: number): Heads {
  if (!write.has(past)) {
    if (write.shows(output)) write.add("Identity", [present.name], {}, output);
    return present;
  }
  const [batch, heads, time, size] = present.shape;
  const name = write.add(
    "Concat",
    [write.input(past), present.name],
    { axis: { type: "int", value: 2n } },
    output,
  );
  return { name, shape: [batch, heads, (write.shape(past)[2] ?? 0) + time, size] };
}

/** Each head as often as there are heads of Q to it, one beside the other. */
function repeated(write: Writer, { name, shape }: Heads, heads: number): string {
  const [batch, own, time, size] = shape;
  if (own === heads) return name;
  const apart = write.add("Reshape", [name, write.list([batch, own, 1, time, size])]);
  const spread = write.add("Expand", [apart, write.list([batch, own, heads / own, time, size])]);
  return write.add("Reshape", [spread, write.list([batch, heads, time, size])]);
}

/** What is added to the scores: the mask as it is, or minus infinity where it or the causal order says no. */
function biasOf(write: Writer, time: number, total: number): string | undefined {
  const hidden = write.float(-Infinity), open = write.float(0);
  const given = !write.has(3)
    ? undefined
    : write.info(3).dtype === "bool"
    ? write.add("Where", [write.input(3), open, hidden])
    : write.input(3);
  if (!write.flag("is_causal")) return given;
  const steps = write.add("Reshape", [write.list(counted(time)), write.list([time, 1])]);
  const isSeen = write.add("LessOrEqual", [write.list(counted(total)), steps]);
  const causal = write.add("Where", [isSeen, open, hidden]);
  return given === undefined ? causal : write.add("Add", [given, causal]);
}

const counted = (length: number) => Array.from({ length }, (_, i) => i);

type Writer = ReturnType<typeof writerOf>;

/** The means to write an Attention's nodes. */
function writerOf(node: GraphNode, context: AttentionContext) {
  let count = 0;
  const fresh = (): string => {
    for (;;) {
      const name = `${node.outputs[0]}/attention.${count++}`;
      if (!context.isTaken(name)) return name;
    }
  };
  const input = (index: number) => node.inputs[index] ?? "";
  const info = (index: number): TensorInfo => context.type(input(index));
  const constant = (dtype: Dtype, shape: readonly number[], data: Tensor["data"]): string => {
    const name = fresh();
    context.constant(name, { dtype, shape, data });
    return name;
  };
  const list = (values: readonly number[]) =>
    constant("int64", [values.length], BigInt64Array.from(values, BigInt));
  const ints = (values: readonly number[]): Attribute => ({ type: "ints", value: values.map(BigInt) });
  const add = (
    operator: string,
    inputs: readonly string[],
    attributes: GraphNode["attributes"] = {},
    output?: number,
  ): string => {
    const name = (output === undefined ? undefined : node.outputs[output]) || fresh();
    context.node({
      name: `${node.name}.${count++}`,
      operator,
      domain: "",
      inputs,
      outputs: [name],
      attributes,
    });
    return name;
  };
  return {
    add,
    list,
    ints,
    input,
    info,
    shape: (index: number) => info(index).shape,
    has: (index: number) => input(index) !== "",
    shows: (output: number) => (node.outputs[output] ?? "") !== "",
    flag: (name: string) => intAttribute(node, name, 0) !== 0,
    float: (value: number) => constant("float32", [], Float32Array.of(value)),
    /** An input with its heads on an axis of their own. */
    heads: (index: number, attribute: string): Heads => {
      const { shape } = info(index), name = input(index);
      if (shape.length === 4) {
        const [batch = 1, heads = 1, time = 1, size = 1] = shape;
        return { name, shape: [batch, heads, time, size] };
      }
      const [batch = 1, time = 1, width = 1] = shape, heads = intAttribute(node, attribute, 0);
      if (shape.length !== 3 || heads < 1 || width % heads !== 0) {
        throw nodeError(node, "bad_shape", `its input ${index} of shape [${shape}] has no ${heads} heads.`);
      }
      const size = width / heads, apart = add("Reshape", [name, list([batch, time, heads, size])]);
      const turned = add("Transpose", [apart], { perm: ints([0, 2, 1, 3]) });
      return { name: turned, shape: [batch, heads, time, size] };
    },
  };
}
