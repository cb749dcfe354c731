/**
 * Chains of maps: which steps are maps, what a shader of several of them is, and what it is tested on.
 *
 * @module
 */
import type { Dtype, TensorInfo } from "../../../ledger/primitives/mod.ts";
import type { TypedGraph } from "../../graph.ts";
import type { Tensor } from "../../tensor.ts";
import type { PlannedValue, Step } from "../plan/mod.ts";
import { release, sizeOf } from "../values.ts";
import {
  broadcastStrides,
  type Dispatch,
  type Loop,
  loopsOf,
  mapCompilers,
  mapSteps,
  parametersOf,
  splitByNumber,
} from "./operators/mod.ts";
import { floats, integers, MANY } from "./probe_values.ts";
import {
  CHAIN_AXES,
  CHAIN_INPUTS,
  CHAIN_OUTPUTS,
  type ChainOperand,
  type ChainPart,
  chainShader,
} from "./shader/map_chains.ts";
import { MAP_EXTRAS, MAP_THREADS } from "./shader/maps.ts";
import type { Shader } from "./shader/shader.ts";

/** Operators whose further inputs are no operands. */
const NOT_CHAINED: ReadonlySet<string> = new Set(["CastLike", "Dropout"]);
const CHAINED_TYPES: ReadonlySet<Dtype> = new Set(["float32", "bool", "int32", "int64"]);

/** A step as a map: its name, operands or the words that they are known to be, and words of its own parameters. */
interface FoundMap {
  readonly map: string;
  readonly operands: readonly (PlannedValue | number)[];
  readonly extras: readonly number[];
}

const found = new WeakMap<Step, { readonly map: FoundMap | undefined }>();

/** The map that a step is; `undefined` if it is none, or not one on one element of each operand. */
export function mapOf(step: Step, opset: number): FoundMap | undefined {
  const known = found.get(step);
  if (known) return known.map;
  const map = findMap(step, opset);
  found.set(step, { map });
  return map;
}

/** Elements that stand for any number of them while a step is looked at: a map does not depend on shapes. */
const SOME = 2;

function findMap({ node, inputs, outputs }: Step, opset: number): FoundMap | undefined {
  const compile = node.domain === "" && !NOT_CHAINED.has(node.operator)
    ? mapCompilers[node.operator]
    : undefined;
  const present = inputs.flatMap((value) => value && value.storage >= 0 ? [value] : []);
  const [out] = outputs;
  if (!compile || !out || outputs.length > 1 || out.storage < 0 || sizeOf(out.info) === 0) return undefined;
  if (![...present, out].every(({ info }) => CHAINED_TYPES.has(info.dtype))) return undefined;
  const operands: (PlannedValue | number)[] = [];
  const slotOf = (operand: PlannedValue | number) => operands.push(operand) - 1;
  const dispatches = compile({
    node,
    opset,
    precision: "high",
    inputs: inputs.map((value) => {
      if (!value || value.storage < 0) return undefined;
      const word = knownWord(value), constant = word === undefined ? undefined : value.constant;
      const info = { ...value.info, shape: word === undefined ? [SOME] : [] };
      return { info, slot: slotOf(word ?? value), constant };
    }),
    outputs: [{ info: { ...out.info, shape: [SOME] }, slot: -1, constant: undefined }],
    largestWords: Infinity,
    isSoftware: false,
    // Only what is several maps takes a place of its own.
    scratch: () => -1,
    known: (words) => slotOf(words[0] ?? 0),
  });
  const [dispatch] = dispatches ?? [];
  if (!dispatch || dispatches?.length !== 1) return undefined;
  const read = dispatch.inputs.flatMap((slot) => operands[slot] ?? []);
  // What is known altogether the planner has folded, or is too large for it.
  if (read.every((operand) => typeof operand === "number")) return undefined;
  const first = 4 * MAP_EXTRAS;
  return {
    map: dispatch.shader.name.slice("map ".length),
    operands: read,
    extras: [...dispatch.parameters.slice(first, first + 4)],
  };
}

/** The word of a constant that has one element. */
function knownWord({ constant, info }: PlannedValue): number | undefined {
  if (!constant || sizeOf(info) !== 1) return undefined;
  const { buffer, byteOffset } = constant.words;
  return new Uint32Array(buffer, byteOffset, 1)[0];
}

/** A chain as a shader runs it. */
export interface MapChain {
  readonly parts: readonly ChainPart[];
  readonly inputs: readonly PlannedValue[];
  /** Parts whose results others read. */
  readonly outputs: readonly number[];
  readonly loops: readonly Loop[];
}

/**
 * The chain of some maps in order, all of one shape.
 *
 * @param bindings Most inputs and outputs.
 * @param isRead Whether anybody but the steps inside reads a storage.
 * @returns `undefined` if one shader cannot have so many operands or axes.
 */
export function chainOf(
  steps: readonly Step[],
  opset: number,
  bindings: number,
  isRead: (storage: number, inside: ReadonlySet<Step>) => boolean,
): MapChain | undefined {
  const made = new Map<number, number>(), inputs: PlannedValue[] = [], parts: ChainPart[] = [];
  for (const [at, step] of steps.entries()) {
    const map = mapOf(step, opset);
    if (!map) return undefined;
    const operands = map.operands.flatMap((operand) => operandOf(operand, made, inputs) ?? []);
    if (operands.length < map.operands.length) return undefined;
    parts.push({ ...map, operands });
    made.set(step.outputs[0]?.storage ?? -1, at);
  }
  const inside = new Set(steps);
  const outputs = steps.flatMap((step, at) => isRead(step.outputs[0]?.storage ?? -1, inside) ? [at] : []);
  const { shape } = steps[0]?.outputs[0]?.info ?? { shape: [] };
  const loops = loopsOf(shape, inputs.map((input) => broadcastStrides(input.info.shape, shape)));
  const fits = inputs.length <= CHAIN_INPUTS && outputs.length <= CHAIN_OUTPUTS &&
    inputs.length + outputs.length <= bindings && loops.length <= CHAIN_AXES;
  return fits ? { parts, inputs, outputs, loops } : undefined;
}

/** What a part reads; adds it to the inputs if no part has made it. A tensor that is broadcast in two ways would be two inputs: there is no such form. */
function operandOf(
  operand: PlannedValue | number,
  made: ReadonlyMap<number, number>,
  inputs: PlannedValue[],
): ChainOperand | undefined {
  if (typeof operand === "number") return { kind: "word", word: operand };
  const part = made.get(operand.storage);
  if (part !== undefined) return { kind: "part", at: part };
  const known = inputs.findIndex(({ storage }) => storage === operand.storage);
  if (known < 0) return { kind: "input", at: inputs.push(operand) - 1 };
  const isAlike = String(inputs[known]?.info.shape) === String(operand.info.shape);
  return isAlike ? { kind: "input", at: known } : undefined;
}

/** The dispatch of a step with parts, as `fuseMaps` makes it; `undefined` if they are no chain. */
export function compileChain(step: Step, opset: number): readonly Dispatch[] | undefined {
  const steps = step.parts ?? [], written = new Set(step.outputs.map(({ storage }) => storage));
  const chain = chainOf(steps, opset, Infinity, (storage) => written.has(storage));
  if (!chain) return undefined;
  const { parts, inputs, outputs, loops } = chain;
  const count = Math.max(...step.outputs.map(({ info }) => sizeOf(info)));
  const axes = loops.flatMap(({ size, strides }, j) => {
    const words = [size, ...strides];
    return [0, 1, 2].map((i) => [1 + 3 * j + i, words.slice(4 * i, 4 * i + 4)] as const);
  });
  const dispatch: Dispatch = {
    shader: chainShader(parts, inputs.length, outputs, () => probeOf(steps, chain, opset)),
    inputs: inputs.map(({ storage }) => storage),
    outputs: step.outputs.map(({ storage }) => storage),
    parameters: parametersOf({ ...Object.fromEntries(axes), 0: [0, count, 0, loops.length] }),
    workgroups: Math.ceil(count / MAP_THREADS),
    stepsEach: mapSteps(parts.length),
  };
  const reaches = [
    ...inputs.map(({ info }, i) => ({
      words: sizeOf(info),
      reach: { walk: loops.map(({ size, strides }) => ({ size, stride: strides[i] ?? 0 })) },
    })),
    ...outputs.map(() => ({ words: count, reach: { walk: [{ size: count, stride: 1 }] } })),
  ];
  return [{ ...dispatch, split: (limit) => splitByNumber(dispatch, count, MAP_THREADS, reaches, limit) }];
}

/** The same operators on tensors of the tests' own, all of one shape: the planner makes the same chain of them. */
function probeOf(
  steps: readonly Step[],
  chain: MapChain,
  opset: number,
): ReturnType<NonNullable<Shader["probe"]>> {
  const names = new Map<number, string>(), types = new Map<string, TensorInfo>();
  const initializers = new Map<string, Tensor>(), tensors: Record<string, Tensor> = {};
  const define = (value: PlannedValue, name: string, shape: readonly number[]): string => {
    names.set(value.storage, name);
    types.set(name, { dtype: value.info.dtype, shape });
    return name;
  };
  chain.inputs.forEach((value, i) => {
    tensors[define(value, `x${i}`, [MANY])] = randomTensor(value.info.dtype, i);
  });
  const nodes = steps.map(({ node, inputs, outputs }, part) => ({
    ...node,
    name: `part ${part}`,
    inputs: inputs.map((value, i) => {
      if (!value || value.storage < 0) return "";
      const name = names.get(value.storage);
      if (name !== undefined || !value.constant) return name ?? "";
      const constant = define(value, `c${part}.${i}`, []);
      initializers.set(constant, release({ ...value.constant, shape: [] }));
      return constant;
    }),
    outputs: outputs.map((value) => define(value, `y${part}`, [MANY])),
  }));
  const infoOf = (
    name: string,
  ) => ({ name, ...types.get(name) ?? { dtype: "float32", shape: [MANY] } } as const);
  const graph: TypedGraph = {
    name: chain.parts.map(({ map }) => map).join(", "),
    opset,
    nodes,
    inputs: Object.keys(tensors).map(infoOf),
    outputs: chain.outputs.map((part) => infoOf(`y${part}`)),
    initializers,
    types,
  };
  return { graph, inputs: tensors };
}

function randomTensor(dtype: Dtype, seed: number): Tensor {
  if (dtype === "float32") return floats([MANY], seed);
  return dtype === "bool"
    ? integers(dtype, [MANY], seed, 0, 1)
    : integers(dtype, [MANY], seed, -(2 ** 31), 2 ** 31 - 1);
}
