/**
 * A task's output as one safetensors file.
 *
 * The final state of a training becomes the model's weights under the names they have in the ONNX file; what else the training
 * carried (its step counter, the optimizer's moments) keeps its name with `training.` before it. The outputs of an inference
 * become one tensor each, over all rows in the order of the data: the rows that filled up the last batch are cut off.
 *
 * @module
 */
import type { OutputIndex } from "../../actors/mod.ts";
import {
  elementCount,
  type Tensor,
  tensorBytes,
  tensorFromBytes,
  WEIGHT,
  writeSafetensors,
} from "../../executor/mod.ts";
import { bytesToHex, locateSegment, type Program, type TensorHeader } from "../../ledger/primitives/mod.ts";
import { ToolError } from "../errors.ts";

/** Put before what a training carried besides the weights. */
export const TRAINING = "training.";

/** Gets the bytes that a header names. */
export type GetTensor = (header: TensorHeader) => Promise<Tensor>;

/** Reads tensors out of a blob store. */
export function tensorReader(getBlob: (id: Uint8Array) => Promise<Uint8Array>): GetTensor {
  return async ({ dtype, shape, blob }) => tensorFromBytes({ dtype, shape }, await getBlob(blob));
}

/**
 * The tensors of consecutive steps as one.
 *
 * A tensor whose first dimension counts the batch's rows, or a multiple, is concatenated over the steps and cut to `rows`; any other
 * is stacked, one entry for each step.
 *
 * @param parts The same output of each step: equal dtypes and shapes.
 * @param batch Rows of a batch and of the data; `null` for steps without batch.
 */
export function joinSteps(
  parts: readonly Tensor[],
  batch: { readonly size: number; readonly rows: number } | null,
): Tensor {
  const [first] = parts;
  if (first === undefined) throw new ToolError("failed", "An inference of no steps has no output.");
  const { dtype, shape } = first;
  if (parts.some((part) => part.dtype !== dtype || String(part.shape) !== String(shape))) {
    throw new ToolError("failed", "The steps of an inference put out tensors of different shapes.");
  }
  const [size = 0, ...rest] = shape;
  const inRows = batch !== null && shape.length > 0 && size > 0 && size % batch.size === 0;
  const joined = inRows
    ? [Math.min(parts.length * size, batch.rows * (size / batch.size)), ...rest]
    : [parts.length, ...shape];
  const all = new Uint8Array(parts.reduce((sum, { data }) => sum + data.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    all.set(tensorBytes(part), at);
    at += part.data.byteLength;
  }
  const width = all.length / Math.max(1, elementCount(shape) * parts.length);
  return tensorFromBytes({ dtype, shape: joined }, all.subarray(0, elementCount(joined) * width));
}

/** Names of the final state in the file: see the module. */
export function stateName(name: string, all: ReadonlySet<string>): string {
  if (!name.startsWith(WEIGHT)) return TRAINING + name;
  const own = name.slice(WEIGHT.length);
  // A weight of a name that something else would get keeps its full one, so that nothing is lost.
  return own.startsWith(TRAINING) && all.has(own.slice(TRAINING.length)) ? name : own;
}

async function finalState({ finalState }: OutputIndex, get: GetTensor): Promise<[string, Tensor][]> {
  const names = new Set(finalState.map(({ name }) => name));
  return await Promise.all(
    finalState.map(async (
      { name, header },
    ): Promise<[string, Tensor]> => [stateName(name, names), await get(header)]),
  );
}

async function inferred(
  program: Program,
  { maps }: OutputIndex,
  get: GetTensor,
): Promise<[string, Tensor][]> {
  const headers = new Map<string, { readonly phase: number; readonly steps: TensorHeader[] }>();
  const phases = new Set<number>();
  for (const { segment, steps } of maps) {
    const phase = locateSegment(program, segment)?.phaseIndex ?? 0;
    phases.add(phase);
    for (const { name, header } of steps.flat()) {
      const key = `phase${phase}.${name}`;
      const entry = headers.get(key) ?? { phase, steps: [] };
      entry.steps.push(header);
      headers.set(key, entry);
    }
  }
  const outputs: [string, Tensor][] = [];
  for (const [key, { phase, steps }] of headers) {
    const parts: Tensor[] = [];
    for (const header of steps) parts.push(await get(header));
    const name = phases.size > 1 ? key : key.slice(key.indexOf(".") + 1);
    outputs.push([name, joinSteps(parts, program.phases[phase]?.batch ?? null)]);
  }
  return outputs;
}

/**
 * The file. Inference outputs if there are any, else the final state.
 *
 * @throws what `get` throws, for example because a blob is not at hand.
 */
export async function outputFile(
  task: Uint8Array,
  program: Program,
  index: OutputIndex,
  get: GetTensor,
): Promise<Uint8Array> {
  const tensors = index.maps.length > 0 ? await inferred(program, index, get) : await finalState(index, get);
  return writeSafetensors(Object.fromEntries(tensors), { task: bytesToHex(task), engine: program.engine });
}
