/**
 * Below a chunk: the values of its leaves and the parts of one element's sum, as a party computes them.
 *
 * @module
 */
import { type Hash, LEAF_BYTES, leafHash } from "../../ledger/primitives/mod.ts";
import {
  childrenOf,
  type DisputedChunk,
  type DisputedNode,
  type DisputedPart,
  sumOf,
} from "../../ledger/disputes/mod.ts";
import type { SumWork } from "../../executor/mod.ts";
import { at, locationOf, type Party, placeOf } from "./party.ts";

/** Bytes of a value on the ledger: a binary32. */
const VALUE_BYTES = 4;

function chunkBytes(party: Party, { of: { at: place, output }, chunk }: DisputedChunk): Promise<Uint8Array> {
  return party.executor.nodeChunk({ ...placeOf(party, place), output, chunk }, party.call);
}

/** Hashed leaves of a chunk. */
export async function leavesOfChunk(party: Party, chunk: DisputedChunk): Promise<readonly Hash[]> {
  const bytes = await chunkBytes(party, chunk);
  const leaves: Hash[] = [];
  for (let start = 0; start < bytes.length; start += LEAF_BYTES) {
    leaves.push(leafHash(bytes.subarray(start, start + LEAF_BYTES)));
  }
  return leaves;
}

/** Bits of the values in a leaf. */
export async function valuesOf(
  party: Party,
  chunk: DisputedChunk,
  position: number,
): Promise<readonly number[]> {
  const bytes = await chunkBytes(party, chunk);
  const leaf = bytes.slice(position * LEAF_BYTES, (position + 1) * LEAF_BYTES),
    view = new DataView(leaf.buffer);
  return Array.from({ length: leaf.length / VALUE_BYTES }, (_, i) => view.getUint32(i * VALUE_BYTES, true));
}

/** What works on an element's sum give, from this party's own inputs of the node. */
export async function sumsOf(
  party: Party,
  place: DisputedNode,
  element: number,
  works: readonly SumWork[],
): Promise<readonly number[]> {
  const inputs = await party.executor.nodeInputs(placeOf(party, place), party.call);
  const { phaseIndex: phase } = locationOf(party, place.within.within.segment);
  const request = { program: party.program.id, phase, node: place.node, element, works, inputs };
  return await party.executor.executeSums(request, party.call);
}

/** Sums of the children of a disputed part. */
export async function childSums(
  party: Party,
  { at: place, element, part }: DisputedPart,
): Promise<readonly number[]> {
  const { phaseIndex: phase } = locationOf(party, place.within.within.segment);
  const descriptor = at(at(party.program.phases, phase, "phase").nodes, place.node, "node descriptor");
  const shape = sumOf(descriptor);
  const children = shape === undefined ? [] : childrenOf(shape, part);
  const works = children.map((child): SumWork =>
    child.kind === "block" ? child : { kind: "part", place: child }
  );
  return await sumsOf(party, place, element, works);
}
