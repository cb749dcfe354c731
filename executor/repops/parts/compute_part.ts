/**
 * Computing a part of an output on the kernels, piece by piece.
 *
 * @module
 */
import { CHUNK_BYTES, type TensorInfo } from "../../../ledger/primitives/mod.ts";
import { ExecutorError } from "../../errors.ts";
import type { TypedGraph } from "../../graph.ts";
import { ELEMENT_BYTES, elementCount, type Tensor, tensorBytes, zeros } from "../../tensor.ts";
import {
  isSparse,
  type NodeTypes,
  type RecomputeRequest,
  requireRange,
  type SparseTensor,
} from "../access/mod.ts";
import { type MachinePool, openSession } from "../wasm/mod.ts";
import { isSlab, type Piece, type Run, type Slab } from "./piece.ts";
import { planPart } from "./plan_part.ts";

/** Copies bytes `from` on of a tensor of which some chunks are at hand. */
function copyFrom(tensor: SparseTensor, from: number, into: Uint8Array, what: string): void {
  const size = elementCount(tensor.shape) * ELEMENT_BYTES[tensor.dtype];
  for (let at = 0; at < into.length;) {
    const position = Math.floor((from + at) / CHUNK_BYTES), first = position * CHUNK_BYTES;
    const chunk = tensor.chunks.get(position);
    if (chunk === undefined) {
      throw new ExecutorError(
        "missing_chunk",
        `Chunk ${position} of ${what} is needed, and was not given: ask for the needs of the part.`,
        { chunk: position },
      );
    }
    if (chunk.length !== Math.min(CHUNK_BYTES, size - first)) {
      throw new ExecutorError("bad_tensor", `Chunk ${position} of ${what} has ${chunk.length} bytes.`);
    }
    const taken = chunk.subarray(from + at - first, from + into.length - first);
    into.set(taken, at);
    at += taken.length;
  }
}

/** A slab's elements. */
function cut({ shape, runs }: Slab, tensor: Tensor | SparseTensor, what: string): Tensor {
  const cut = zeros({ dtype: tensor.dtype, shape }),
    bytes = tensorBytes(cut),
    width = ELEMENT_BYTES[tensor.dtype];
  const whole = isSparse(tensor) ? undefined : tensorBytes(tensor);
  let at = 0;
  for (const [from, length] of runs()) {
    const into = bytes.subarray(at, at + length * width);
    if (whole) into.set(whole.subarray(from * width, (from + length) * width));
    else if (isSparse(tensor)) copyFrom(tensor, from * width, into, what);
    at += into.length;
  }
  return cut;
}

/** What a piece runs on: slabs are inputs, known values initializers, as their values may decide how a kernel is made ready. */
function graphOf(
  opset: number,
  node: NonNullable<Piece["node"]>,
  { inputs, output }: Piece,
  cuts: readonly (Tensor | undefined)[],
): TypedGraph {
  const named = cuts.map((tensor, i) => ({ name: tensor === undefined ? "" : `x${i}`, tensor }));
  const present = named.flatMap(({ name, tensor }, i) => tensor ? [{ name, tensor, given: inputs[i] }] : []);
  const isCut = ({ given }: (typeof present)[number]) => given !== undefined && isSlab(given);
  const infoOf = (name: string, { dtype, shape }: TensorInfo) => ({ name, dtype, shape });
  return {
    name: "part",
    opset,
    nodes: [{ name: "part", ...partOf(node), inputs: named.map(({ name }) => name), outputs: ["y"] }],
    inputs: present.filter(isCut).map(({ name, tensor }) => infoOf(name, tensor)),
    outputs: [infoOf("y", output)],
    initializers: new Map(present.filter((each) => !isCut(each)).map(({ name, tensor }) => [name, tensor])),
    types: new Map<string, TensorInfo>([
      ...present.map(({ name, tensor }) => [name, { dtype: tensor.dtype, shape: tensor.shape }] as const),
      ["y", output],
    ]),
  };
}

function partOf({ operator, domain, attributes }: NonNullable<Piece["node"]>) {
  return { operator, domain, attributes };
}

/** What a piece is for: the elements that are wanted of it. */
async function run(
  machines: MachinePool,
  { opset, precision, node: { name } }: NodeTypes,
  piece: Piece,
  inputs: RecomputeRequest["inputs"],
): Promise<Tensor> {
  const { node, output, from, count } = piece;
  const wanted = { input: 0, shape: [count], runs: (): readonly Run[] => [[from, count]] };
  if (node === undefined) return zeros({ dtype: output.dtype, shape: [count] });
  const cuts = piece.inputs.map((input) => {
    if (input === undefined || !isSlab(input)) return input;
    const tensor = inputs[input.input];
    return tensor && cut(input, tensor, `input ${input.input} of node ${name}`);
  });
  const machine = machines.take();
  try {
    const session = openSession(machine, graphOf(opset, node, piece, cuts), precision, () => {});
    const given = cuts.flatMap((tensor, i) => tensor ? [[`x${i}`, tensor] as const] : []);
    const { y } = await session.run(Object.fromEntries(given));
    if (y === undefined) throw new ExecutorError("engine_failed", `A part of node ${name} gave no output.`);
    return cut(wanted, y, "the output");
  } finally {
    machines.give(machine);
  }
}

/**
 * Computes part of an output, with the bits of the whole.
 *
 * @returns A vector of the requested elements; `undefined` where only the reference computes parts of such a node.
 * @throws {ExecutorError} `bad_request` for a range outside the output; `missing_chunk` if not all chunks are given that the needs of the part name;
 * `bad_tensor`; `engine_failed` if memory is short.
 */
export async function computePart(
  machines: MachinePool,
  request: RecomputeRequest,
): Promise<Tensor | undefined> {
  const known = new Map([...request.inputs.entries()].flatMap(([i, input]) => input ? [[i, input]] : []));
  const plan = planPart(request, request, known);
  if (plan?.kind !== "pieces") return undefined;
  const whole = zeros({ dtype: requireRange(request, request).dtype, shape: [request.end - request.start] });
  const bytes = tensorBytes(whole);
  let at = 0;
  for (const piece of plan.pieces) {
    const part = tensorBytes(await run(machines, request, piece, request.inputs));
    bytes.set(part, at);
    at += part.length;
  }
  return whole;
}
