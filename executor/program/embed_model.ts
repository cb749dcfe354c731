/**
 * Puts a model into a step: its inputs become rows of the data, its weights become state.
 *
 * @module
 */
import type { Dtype } from "../../ledger/primitives/mod.ts";
import { ExecutorError } from "../errors.ts";
import type { Graph, TypedGraph, ValueInfo } from "../graph.ts";
import { bindShapes, type GraphBuilder, ONNX_TYPE } from "../onnx/mod.ts";
import { type NamedInfo, showType } from "./describe_step.ts";
import { STEP_NAMES } from "./step_graph.ts";
import type { StepState } from "./step_state.ts";

/** Put before the model's own names. */
const PREFIX = "model.";

/** Put before a parameter's name in the state. */
export const WEIGHT = "weight.";

/** How a model meets its data. */
export interface ModelUse {
  readonly model: Graph;
  /** Rows in a batch: bound to the first dimension of every input. */
  readonly batchSize: number;
  /** Sizes of the model's other symbolic dimensions, by name. */
  readonly bindings?: Readonly<Record<string, number>>;
  /** The data tensor behind each of the model's inputs, by the input's name. */
  readonly inputs: Readonly<Record<string, string>>;
  /** The program's data tensors; the first dimension counts rows. */
  readonly data: readonly NamedInfo[];
}

/** Fetches rows of data tensors by the step's batch; each data tensor is read once. */
export type BatchReader = (name: string, dtype: Dtype) => string;

/**
 * The model for one batch size, reduced to some of its outputs.
 *
 * @param outputs Names of the outputs to keep; by default all.
 * @throws {ExecutorError} `bad_shape`, `unsupported_operator`, `malformed_model`; `bad_request` for an unknown output.
 */
export function bindModel(use: ModelUse, outputs?: readonly string[]): TypedGraph {
  const { model, batchSize } = use;
  const bindings: Record<string, number> = { ...use.bindings };
  for (const { shape: [rows] } of model.inputs) if (typeof rows === "string") bindings[rows] = batchSize;
  const kept = outputs?.map((name) => {
    const output = model.outputs.find((candidate) => candidate.name === name);
    if (output === undefined) {
      throw new ExecutorError(
        "bad_request",
        `The model has no output "${name}": it has ${model.outputs.map((o) => o.name).join(", ")}.`,
      );
    }
    return output;
  });
  return bindShapes({ ...model, outputs: kept ?? model.outputs }, bindings);
}

/** Declares the batch and reads data by it. */
export function batchReader(builder: GraphBuilder, use: ModelUse): BatchReader {
  const batch = builder.input(STEP_NAMES.batch, "int64", [use.batchSize]);
  const gathered = new Map<string, string>();
  return (name, dtype) => {
    const info = use.data.find((tensor) => tensor.name === name);
    if (info === undefined || info.shape.length === 0) {
      throw new ExecutorError(
        "bad_request",
        `The data has no tensor "${name}" with rows: it has ${use.data.map((d) => d.name).join(", ")}.`,
      );
    }
    const rows = gathered.get(name) ??
      builder.add("Gather", [builder.input(STEP_NAMES.data + name, info.dtype, info.shape), batch]);
    gathered.set(name, rows);
    return info.dtype === dtype ? rows : builder.add("Cast", [rows], { to: ONNX_TYPE[dtype] });
  };
}

/**
 * Puts a bound model into a step.
 *
 * @param parameters Initializers that become state `weight.<name>`; all others stay constants.
 * @param given Values of the step that take the place of some of the model's inputs, and names for its outputs in the step's graph.
 * @returns The step's name for each of the model's values.
 * @throws {ExecutorError} `bad_shape` if the data does not fit the model's inputs, naming both.
 */
export function embedModel(
  state: StepState,
  model: TypedGraph,
  use: ModelUse,
  read: BatchReader,
  parameters: readonly string[],
  given: ReadonlyMap<string, string> = new Map(),
): ReadonlyMap<string, string> {
  const substitutes = new Map<string, string>(given);
  for (const input of model.inputs) {
    if (!given.has(input.name)) substitutes.set(input.name, readInput(state.builder, input, use, read));
  }
  for (const name of parameters) {
    const tensor = model.initializers.get(name);
    if (tensor !== undefined) substitutes.set(name, state.declare(WEIGHT + name, tensor));
  }
  return state.builder.embed(model, { prefix: PREFIX, substitutes });
}

function readInput(builder: GraphBuilder, input: ValueInfo, use: ModelUse, read: BatchReader): string {
  const dataName = Object.hasOwn(use.inputs, input.name) ? use.inputs[input.name] : undefined;
  if (dataName === undefined) {
    throw new ExecutorError("bad_request", `Say which data tensor feeds the model's input "${input.name}".`, {
      input: input.name,
    });
  }
  const rows = read(dataName, input.dtype), found = builder.type(rows);
  if (String(found.shape) !== String(input.shape)) {
    throw new ExecutorError(
      "bad_shape",
      `The model's input "${input.name}" takes ${input.dtype} [${input.shape}], but a batch of the data tensor "${dataName}" is ${
        showType(found)
      }.`,
      { input: input.name, data: dataName },
    );
  }
  return rows;
}
