/**
 * What each pipeline is tested on: a graph of one node that reaches it, with at least 2^16 outputs where its work allows.
 *
 * @module
 */
import type { Dtype, TensorInfo } from "../../../ledger/primitives/mod.ts";
import type { Tensors } from "../../engine.ts";
import type { Attribute, GraphNode, TypedGraph } from "../../graph.ts";
import type { Tensor } from "../../tensor.ts";
import { ASSAY_DOMAIN } from "../../onnx/mod.ts";
import { floats, integers, MANY } from "./probe_values.ts";

/** A graph and inputs for it. */
export interface Probe {
  readonly graph: TypedGraph;
  readonly inputs: Tensors;
}

/** An input: a float tensor of a shape, or a tensor as it is; `constant` if the node must know it at load. */
type Given = readonly number[] | { readonly tensor: Tensor; readonly constant?: boolean };

interface ProbeParts {
  readonly operator: string;
  readonly inputs: readonly Given[];
  readonly outputs: readonly (readonly number[] | TensorInfo)[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly domain?: string;
}

const constants = (...values: readonly number[]): Given => ({
  tensor: { dtype: "int64", shape: [values.length], data: BigInt64Array.from(values, BigInt) },
  constant: true,
});
const scalar = (value: number): Given => ({
  tensor: { dtype: "float32", shape: [], data: Float32Array.of(value) },
  constant: true,
});
const tensor = (of: Tensor): Given => ({ tensor: of });
const int = (value: number): Attribute => ({ type: "int", value: BigInt(value) });
const ints = (...values: readonly number[]): Attribute => ({ type: "ints", value: values.map(BigInt) });
const typed = (dtype: Dtype, shape: readonly number[]): TensorInfo => ({ dtype, shape });

function probe(parts: ProbeParts): Probe {
  const { operator, attributes = {}, domain = "" } = parts;
  const given = parts.inputs.map((input, i) =>
    "tensor" in input ? input : { tensor: floats(input, i), constant: false }
  );
  const inputs = given.map((_, i) => `x${i}`);
  const outputs = parts.outputs.map((info) => ("dtype" in info ? info : typed("float32", info)));
  const node: GraphNode = {
    name: "probe",
    operator,
    domain,
    inputs,
    outputs: outputs.map((_, i) => `y${i}`),
    attributes,
  };
  const named = given.map(({ tensor, constant }, i) => ({ name: `x${i}`, tensor, constant }));
  const variable = named.filter(({ constant }) => !constant);
  const types: [string, TensorInfo][] = [
    ...named.map(({ name, tensor: { dtype, shape } }): [string, TensorInfo] => [name, { dtype, shape }]),
    ...outputs.map((info, i): [string, TensorInfo] => [`y${i}`, info]),
  ];
  return {
    graph: {
      name: `${operator} on [${given.map(({ tensor }) => tensor.shape.join(" ")).join("], [")}]`,
      opset: 17,
      nodes: [node],
      inputs: variable.map(({ name, tensor: { dtype, shape } }) => ({ name, dtype, shape })),
      outputs: outputs.map((info, i) => ({ name: `y${i}`, ...info })),
      initializers: new Map(
        named.filter(({ constant }) => constant).map(({ name, tensor }) => [name, tensor]),
      ),
      types: new Map(types),
    },
    inputs: Object.fromEntries(variable.map(({ name, tensor }) => [name, tensor])),
  };
}

/** The graph whose output is its input, made canonical. */
function passage(): Probe {
  const info = typed("float32", [MANY]);
  const value = { name: "x", ...info };
  return {
    graph: {
      name: "passage",
      opset: 17,
      nodes: [],
      inputs: [value],
      outputs: [value],
      initializers: new Map(),
      types: new Map([["x", info]]),
    },
    inputs: { x: floats([MANY], 0) },
  };
}

const PLAIN = typed("float32", [MANY]);
const TRUTH = typed("bool", [MANY]);
const WHOLE = typed("int64", [MANY]);
/** Ends of int32 among them. */
const wide = (seed: number, dtype: Dtype = "int64"): Given =>
  tensor(integers(dtype, [MANY], seed, -(2 ** 31), 2 ** 31 - 1));
const small = (seed: number): Given => tensor(integers("int64", [MANY], seed, -9, 9));
const bytes = (seed: number, high = 255): Given => tensor(integers("uint8", [MANY], seed, 0, high));
const unsigned = (seed: number, high = 2 ** 32 - 1): Given =>
  tensor(integers("uint32", [MANY], seed, 0, high));
const BYTES = typed("uint8", [MANY]);
const LEFT = { direction: { type: "string", value: "LEFT" } } as const;
const RIGHT = { direction: { type: "string", value: "RIGHT" } } as const;
const truths = (seed: number): Given => tensor(integers("bool", [MANY], seed, 0, 1));

/** Maps whose probe is the operator of another name, or another form of it. */
const SPECIAL_MAPS: Readonly<Record<string, ProbeParts>> = {
  Square: { operator: "Pow", inputs: [[MANY], scalar(2)], outputs: [PLAIN] },
  Cube: { operator: "Pow", inputs: [[MANY], scalar(3)], outputs: [PLAIN] },
  GeluTanh: {
    operator: "Gelu",
    inputs: [[MANY]],
    outputs: [PLAIN],
    attributes: { approximate: { type: "string", value: "tanh" } },
  },
  Silu: { operator: "Swish", inputs: [[MANY]], outputs: [PLAIN] },
  Swish: {
    operator: "Swish",
    inputs: [[MANY]],
    outputs: [PLAIN],
    attributes: { alpha: { type: "float", value: 1.5 } },
  },
  Shrink: {
    operator: "Shrink",
    inputs: [[MANY]],
    outputs: [PLAIN],
    attributes: { bias: { type: "float", value: 0.25 } },
  },
  Copy: { operator: "Cast", inputs: [[MANY]], outputs: [PLAIN] },
  Truth: { operator: "Cast", inputs: [[MANY]], outputs: [TRUTH] },
  FloatOfInt: { operator: "Cast", inputs: [wide(0)], outputs: [PLAIN] },
  IntOfFloat: { operator: "Cast", inputs: [[MANY]], outputs: [WHOLE] },
  NarrowOfFloat: { operator: "Cast", inputs: [[MANY]], outputs: [typed("int8", [MANY])] },
  NarrowSigned: { operator: "Cast", inputs: [wide(0)], outputs: [typed("int8", [MANY])] },
  NarrowUnsigned: { operator: "Cast", inputs: [wide(0)], outputs: [typed("uint16", [MANY])] },
  ShiftLeft: { operator: "BitShift", inputs: [bytes(0), bytes(1, 40)], outputs: [BYTES], attributes: LEFT },
  ShiftRight: { operator: "BitShift", inputs: [bytes(0), bytes(1, 40)], outputs: [BYTES], attributes: RIGHT },
  PowInt: { operator: "Pow", inputs: [small(0), small(1)], outputs: [WHOLE] },
  ModInt: { operator: "Mod", inputs: [wide(0), small(1)], outputs: [WHOLE] },
  ModTruncatedInt: {
    operator: "Mod",
    inputs: [wide(0), small(1)],
    outputs: [WHOLE],
    attributes: { fmod: int(1) },
  },
  ModUnsigned: {
    operator: "Mod",
    inputs: [unsigned(0), unsigned(1, 9)],
    outputs: [typed("uint32", [MANY])],
  },
  Mod: { operator: "Mod", inputs: [[MANY], [MANY]], outputs: [PLAIN], attributes: { fmod: int(1) } },
  IsInf: { operator: "IsInf", inputs: [[MANY]], outputs: [TRUTH] },
  Not: { operator: "Not", inputs: [truths(0)], outputs: [TRUTH] },
  BitwiseNot: { operator: "BitwiseNot", inputs: [wide(0)], outputs: [WHOLE] },
  DivInt: { operator: "Div", inputs: [wide(0), small(1)], outputs: [WHOLE] },
  EqualInt: { operator: "Equal", inputs: [small(0), small(1)], outputs: [TRUTH] },
  Where: { operator: "Where", inputs: [truths(0), [MANY], [MANY]], outputs: [PLAIN] },
  Clip: { operator: "Clip", inputs: [[MANY], scalar(-1.5), scalar(2)], outputs: [PLAIN] },
  Normalised: {
    operator: "BatchNormalization",
    inputs: [[4, 256, 64], [256], [256], [256], [256]],
    outputs: [[4, 256, 64]],
  },
  InverseDeviation: {
    operator: "BatchNormalization",
    inputs: [[1, MANY, 1], [MANY], [MANY], [MANY], [MANY]],
    outputs: [[1, MANY, 1]],
  },
  Running: {
    operator: "BatchNormalization",
    inputs: [[2, MANY, 1], [MANY], [MANY], [MANY], [MANY]],
    outputs: [[2, MANY, 1], [MANY], [MANY]],
    attributes: { training_mode: int(1) },
  },
};

const COMPARISONS = new Set(["Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual"]);
const PAIRS = new Set(["Add", "Sub", "Mul", "Div", "Max", "Min", "PRelu", "Pow"]);

function mapProbe(name: string): ProbeParts {
  const special = SPECIAL_MAPS[name];
  if (special) return special;
  if (COMPARISONS.has(name)) return { operator: name, inputs: [[MANY], [MANY]], outputs: [TRUTH] };
  if (PAIRS.has(name)) return { operator: name, inputs: [[MANY], [MANY]], outputs: [PLAIN] };
  if (name === "And" || name === "Or" || name === "Xor") {
    return { operator: name, inputs: [truths(0), truths(1)], outputs: [TRUTH] };
  }
  if (name.startsWith("Bitwise")) return { operator: name, inputs: [wide(0), wide(1)], outputs: [WHOLE] };
  if (name.endsWith("Int")) {
    const operator = name.slice(0, -"Int".length);
    const out = COMPARISONS.has(operator) ? TRUTH : WHOLE;
    return { operator, inputs: [wide(0), wide(1)], outputs: [out] };
  }
  return { operator: name, inputs: [[MANY]], outputs: [PLAIN] };
}

/** Rows long enough for a workgroup each; the short outputs behind them have several blocks. */
const REDUCED: Readonly<Record<string, string>> = {
  Sum: "ReduceSum",
  SumSquare: "ReduceSumSquare",
  L1: "ReduceL1",
};
const FOLDED: Readonly<Record<string, string>> = { Max: "ReduceMax", Min: "ReduceMin", Prod: "ReduceProd" };

/** A reduction along an axis, whichever way the operator takes its axes. */
function reduction(operator: string, shape: readonly number[], axis: number): ProbeParts {
  const outputs = [shape.map((size, i) => (i === axis ? 1 : size))];
  return operator === "ReduceSum"
    ? { operator, inputs: [shape, constants(axis)], outputs }
    : { operator, inputs: [shape], outputs, attributes: { axes: ints(axis) } };
}

function rowProbes(name: string): readonly ProbeParts[] {
  const operator = REDUCED[name];
  if (operator) return [reduction(operator, [MANY, 40], 1), reduction(operator, [8, 9000], 1)];
  return formProbes(name);
}

/** Of what has a form with a workgroup and one with a thread for each row. */
function formProbes(name: string): readonly ProbeParts[] {
  return [[1700, 40], [8, 9000]].map(([rows = 1, count = 1]): ProbeParts =>
    name === "Moments"
      ? {
        operator: "LayerNormalization",
        inputs: [[rows, count], [count], [count]],
        outputs: [[rows, count], [rows, 1], [rows, 1]],
      }
      : { operator: name, inputs: [[rows, count]], outputs: [[rows, count]] }
  );
}

function columnProbes(name: string): readonly ProbeParts[] {
  if (name === "Moments" || name.endsWith("oftmax")) return formProbes(name);
  const sum = REDUCED[name];
  if (sum) return [reduction(sum, [40, MANY], 0), reduction(sum, [9000, 64], 0)];
  const folded = FOLDED[name];
  if (folded) return [reduction(folded, [8, MANY], 0)];
  if (name.endsWith("Int")) {
    const operator = `Reduce${name.slice(0, -"Int".length)}`, outputs = [typed("int64", [1, MANY])];
    const given = tensor(integers("int64", [8, MANY], 0, -(2 ** 31), 2 ** 31 - 1));
    return name === "SumInt"
      ? [{ operator, inputs: [given, constants(0)], outputs }]
      : [{ operator, inputs: [given], outputs, attributes: { axes: ints(0) } }];
  }
  const last = name.endsWith("Last");
  return [{
    operator: last ? name.slice(0, -"Last".length) : name,
    inputs: [[8, MANY]],
    outputs: [typed("int64", [1, MANY])],
    attributes: { axis: int(0), select_last_index: int(last ? 1 : 0) },
  }];
}

/** Sizes of products that have a shape. */
interface ProductSizes {
  readonly rows: number;
  readonly columns: number;
  /** Columns of a further product. */
  readonly narrow: number;
  /** Of a convolution: output channels of a group, places of its input, and of a transposed one's. */
  readonly channels: number;
  readonly places: readonly [number, number];
  readonly transposed: readonly [number, number];
}

const IMAGES = { places: [42, 40], transposed: [14, 13] } as const;
const PRODUCT_SIZES: Readonly<Record<string, ProductSizes>> = {
  "64": { rows: 256, columns: 256, narrow: 200, channels: 192, ...IMAGES },
  "32": { rows: 180, columns: 370, narrow: 70, channels: 64, ...IMAGES },
  "16": { rows: 16, columns: 1024, narrow: 70, channels: 20, ...IMAGES },
  "16x64": { rows: 250, columns: 266, narrow: 190, channels: 62, ...IMAGES },
  "8x16": { rows: 5000, columns: 14, narrow: 13, channels: 2100, places: [2, 4], transposed: [1, 2] },
};

/** Products with 2^16 outputs and more where that is possible: several blocks of 256 terms, none of them whole at the end. */
function productProbes(name: string): readonly ProbeParts[] {
  const [, , shape = "", layout] = name.split(" ");
  const sizes = PRODUCT_SIZES[shape];
  if (!sizes) return [];
  const { rows, columns, narrow, channels } = sizes, [height, width] = sizes.places;
  if (layout === "strides") {
    return [
      { operator: "MatMul", inputs: [[rows, 300], [300, columns]], outputs: [[rows, columns]] },
      {
        operator: "Gemm",
        inputs: [[530, rows], [narrow, 530], [narrow]],
        outputs: [[rows, narrow]],
        attributes: { transA: int(1), transB: int(1) },
      },
    ];
  }
  const transposed = (stride: number): ProbeParts => ({
    operator: "ConvTranspose",
    inputs: [[1, 40, ...sizes.transposed], [40, channels, 3, 3]],
    outputs: [[1, channels, ...sizes.transposed.map((size) => (size - 1) * stride + 3)]],
    attributes: { strides: ints(stride, stride) },
  });
  if (layout === "spread") return [transposed(2)];
  return [
    {
      operator: "Conv",
      inputs: [[2, 4, height, width], [2 * channels, 2, 3, 3], [2 * channels]],
      outputs: [[2, 2 * channels, height, width]],
      attributes: { pads: ints(1, 1, 1, 1), group: int(2) },
    },
    transposed(1),
  ];
}

const OTHERS: Readonly<Record<string, () => readonly ProbeParts[]>> = {
  "group tree": () => [{ operator: "MatMul", inputs: [[16, 6200], [6200, 64]], outputs: [[16, 64]] }],
  move: () => [{ operator: "Transpose", inputs: [[64, 32, 33]], outputs: [[33, 32, 64]] }],
  fill: () => [{
    operator: "Pad",
    inputs: [[200, 300], constants(20, 3, 4, 40), scalar(1.5)],
    outputs: [[224, 343]],
  }],
  gather: () => [{
    operator: "Gather",
    inputs: [[100, 64], tensor(integers("int64", [1024], 0, -110, 110))],
    outputs: [[1024, 64]],
  }],
  "one-hot": () => [{
    operator: "OneHot",
    inputs: [
      tensor(integers("int64", [1024], 0, -70, 70)),
      constants(64),
      { tensor: { dtype: "float32", shape: [2], data: Float32Array.of(0.5, 2) }, constant: true },
    ],
    outputs: [[1024, 64]],
  }],
  "embedding gradient": () => [{
    operator: "EmbeddingGradient",
    domain: ASSAY_DOMAIN,
    inputs: [tensor(integers("int64", [600], 0, 0, 511)), [600, 128]],
    outputs: [[512, 128]],
    attributes: { rows: int(512) },
  }],
  "running sum": () => [{ operator: "CumSum", inputs: [[40, 1700], constants(0)], outputs: [[40, 1700]] }],
  "running sum of integers": () => [{
    operator: "CumSum",
    inputs: [tensor(integers("int64", [40, 1700], 0, -(2 ** 31), 2 ** 31 - 1)), constants(0)],
    outputs: [typed("int64", [40, 1700])],
  }],
  "top": () => [top([1100, 80])],
  "top of integers": () => [top(tensor(integers("int64", [1100, 80], 0, -40, 40)))],
  "counter dropout": () => [{
    operator: "CounterDropout",
    domain: ASSAY_DOMAIN,
    inputs: [
      [MANY],
      tensor({ dtype: "float32", shape: [], data: Float32Array.of(0.3) }),
      tensor({ dtype: "int64", shape: [], data: BigInt64Array.of(41n) }),
    ],
    outputs: [[MANY], TRUTH],
    attributes: { seed: int(2 ** 40 + 7), stream: int(3) },
  }],
  "max pool": () => [pooling("MaxPool", false)],
  "max pool with places": () => [pooling("MaxPool", true)],
  "average pool": () => [pooling("AveragePool", false)],
};

/** The 60 largest of 1100 rows of 80: many ties among integers. */
function top(given: Given): ProbeParts {
  const dtype = "tensor" in given ? given.tensor.dtype : "float32", out = [1100, 60];
  return {
    operator: "TopK",
    inputs: [given, constants(60)],
    outputs: [typed(dtype, out), typed("int64", out)],
  };
}

/** Several updates for each element that any meets: fewer outputs than others have, since each looks at many. */
function scatterProbes(name: string): readonly ProbeParts[] {
  const [kind, combination = ""] = name.split(" "), isInt = combination.endsWith("Int");
  const reduction = {
    type: "string",
    value: isInt ? combination.slice(0, -"Int".length) : combination,
  } as const;
  const values = (shape: readonly number[], seed: number): Given =>
    isInt ? tensor(integers("int64", shape, seed, -(2 ** 31), 2 ** 31 - 1)) : shape;
  const outputs = (shape: readonly number[]) => [typed(isInt ? "int64" : "float32", shape)];
  return kind === "elements"
    ? [{
      operator: "ScatterElements",
      inputs: [
        values([16, 1024], 0),
        tensor(integers("int64", [24, 1000], 1, -18, 18)),
        values([24, 1000], 2),
      ],
      outputs: outputs([16, 1024]),
      attributes: { reduction },
    }]
    : [{
      operator: "ScatterND",
      inputs: [
        values([8, 9, 256], 0),
        tensor(integers("int64", [60, 2], 1, -10, 10)),
        values([60, 256], 2),
      ],
      outputs: outputs([8, 9, 256]),
      attributes: { reduction },
    }];
}

function pooling(operator: string, places: boolean): ProbeParts {
  const out = [1, 8, 92, 91];
  return {
    operator,
    inputs: [[1, 8, 92, 90]],
    outputs: places ? [out, typed("int64", out)] : [out],
    attributes: { kernel_shape: ints(3, 2), pads: ints(1, 1, 1, 1) },
  };
}

/** What the pipeline of a name is tested on. */
export function probesOf(name: string): readonly Probe[] {
  if (name === "canonicalize") return [passage()];
  const [kind, rest = ""] = [name.slice(0, name.indexOf(" ")), name.slice(name.indexOf(" ") + 1)];
  const others = OTHERS[name]?.();
  const parts = others ??
    (kind === "map"
      ? [mapProbe(rest)]
      : kind === "rows"
      ? rowProbes(rest)
      : kind === "columns"
      ? columnProbes(rest)
      : kind === "scatter"
      ? scatterProbes(rest)
      : kind === "product"
      ? productProbes(name)
      : []);
  return parts.map(probe);
}
