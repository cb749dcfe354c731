/**
 * Chunks of a batch that the host assembles (see `host_gather.ts`): copied bytes, whatever the engine.
 *
 * @module
 */
import { CHUNK_BYTES } from "../../ledger/primitives/mod.ts";
import { ExecutorError } from "../errors.ts";
import type { PartialTensor, PartNeeds, PartOfNode } from "../random_access.ts";
import { ELEMENT_BYTES, elementCount, type Tensor, tensorBytes } from "../tensor.ts";

type Input = Tensor | PartialTensor;

/** Bytes of one index: int64. */
const INDEX_BYTES = 8;

/** Positions of the inputs of a Gather. */
const DATA = 0, INDICES = 1;

/** Reads a range of a tensor's bytes across its chunks. */
function bytesOf(input: Input | undefined, from: number, to: number, what: string): Uint8Array {
  if (input !== undefined && !("chunks" in input)) return tensorBytes(input).subarray(from, to);
  const bytes = new Uint8Array(to - from);
  for (let at = from; at < to;) {
    const position = Math.floor(at / CHUNK_BYTES), chunk = input?.chunks.get(position);
    if (chunk === undefined) {
      throw new ExecutorError(
        "missing_chunk",
        `Chunk ${position} of the ${what} is needed, and was not given.`,
        {
          chunk: position,
        },
      );
    }
    const start = at - position * CHUNK_BYTES, end = Math.min(to, (position + 1) * CHUNK_BYTES);
    if (chunk.length < end - position * CHUNK_BYTES) {
      throw new ExecutorError("bad_tensor", `Chunk ${position} of the ${what} is too short.`);
    }
    bytes.set(chunk.subarray(start, end - position * CHUNK_BYTES), at - from);
    at = end;
  }
  return bytes;
}

/** The rows that a part touches, and how many bytes each has. */
function rowsOf({ inputs, outputs, output, start, end }: PartOfNode) {
  const [, ...rest] = inputs[DATA]?.shape ?? [];
  const elementBytes = ELEMENT_BYTES[outputs[output]?.dtype ?? "float32"];
  const rowBytes = elementCount(rest) * elementBytes;
  const from = start * elementBytes, to = end * elementBytes;
  return { rowBytes, from, to, first: Math.floor(from / rowBytes), last: Math.ceil(to / rowBytes) };
}

/** Where in the data each touched row, or the touched part of it, begins and ends. */
function* spansOf(
  part: PartOfNode,
  indices: Input | undefined,
): Generator<readonly [from: number, to: number]> {
  const { rowBytes, from, to, first, last } = rowsOf(part);
  const bytes = bytesOf(indices, first * INDEX_BYTES, last * INDEX_BYTES, "indices");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const rows = part.inputs[DATA]?.shape[0] ?? 0;
  for (let row = first; row < last; row++) {
    const index = view.getBigInt64((row - first) * INDEX_BYTES, true);
    if (index < 0n || index >= rows) {
      throw new ExecutorError(
        "bad_tensor",
        `A batch index must lie in [0, ${rows}): position ${row} holds ${index}.`,
      );
    }
    const at = Number(index) * rowBytes;
    yield [at + Math.max(0, from - row * rowBytes), at + Math.min(rowBytes, to - row * rowBytes)];
  }
}

function chunksBetween(spans: Iterable<readonly [from: number, to: number]>): readonly number[] {
  const positions = new Set<number>();
  for (const [from, to] of spans) {
    for (let position = Math.floor(from / CHUNK_BYTES); position * CHUNK_BYTES < to; position++) {
      positions.add(position);
    }
  }
  return [...positions].sort((a, b) => a - b);
}

/** Which chunks a part takes: those of the indices first, as they decide which rows. */
export function gatheredNeeds(part: PartOfNode, inputs: readonly (Input | undefined)[]): PartNeeds {
  const { first, last, from, to } = rowsOf(part);
  const multiplyAdds = to - from;
  const indices = inputs[INDICES];
  if (indices === undefined) {
    const chunks = chunksBetween([[first * INDEX_BYTES, last * INDEX_BYTES]]);
    return { complete: false, chunks: new Map([[INDICES, chunks]]), multiplyAdds };
  }
  return { complete: true, chunks: new Map([[DATA, chunksBetween(spansOf(part, indices))]]), multiplyAdds };
}

/** The bytes of a part. */
export function gatheredBytes(part: PartOfNode, inputs: readonly (Input | undefined)[]): Uint8Array {
  const { from, to } = rowsOf(part);
  const gathered = new Uint8Array(to - from);
  let at = 0;
  for (const [start, end] of spansOf(part, inputs[INDICES])) {
    gathered.set(bytesOf(inputs[DATA], start, end, "data"), at);
    at += end - start;
  }
  return gathered;
}
