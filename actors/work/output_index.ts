/**
 * The outputs of a run: kept as blobs by the provider, checked against the ledger's roots by the requester.
 *
 * @module
 */
import {
  equalBytes,
  type Hash,
  leafHash,
  locateSegment,
  type Program,
  programSegments,
  rootOfTop,
  saltedRunRoot,
  segmentInput,
  stateRoot,
  tensorRoot,
  topOf,
  ZERO_HASH,
} from "../../ledger/primitives/mod.ts";
import type { CallOptions, Executor } from "../../executor/mod.ts";
import { ActorError } from "../runtime/mod.ts";
import type { BlobAccess } from "./blob_access.ts";
import type { NamedTensor, OutputIndex } from "./party_protocol.ts";
import { publishAll } from "./tensors.ts";

/** Keeps all outputs of a run as blobs. Map outputs are computed again where the executor has forgotten them. */
export async function publishOutputs(
  powers: { readonly executor: Executor; readonly blobs: BlobAccess },
  { id, program }: { readonly id: Hash; readonly program: Program },
  segmentRoots: readonly Hash[],
  call: CallOptions,
): Promise<OutputIndex> {
  const { executor, blobs } = powers;
  const count = programSegments(program);
  const maps: { readonly segment: number; readonly steps: readonly (readonly NamedTensor[])[] }[] = [];
  for (let segment = 0; segment < count; segment++) {
    const location = locateSegment(program, segment);
    if (location?.phase.mode !== "map") continue;
    const steps: (readonly NamedTensor[])[] = [];
    for (let step = location.firstStep; step < location.endStep; step++) {
      steps.push(await publishAll(blobs, await executor.output({ program: id, segment, step }, call)));
    }
    maps.push({ segment, steps });
  }
  const finalState = await publishAll(blobs, await executor.state({ program: id, segment: count }, call));
  return { segmentRoots, finalState, maps };
}

function rootOfNamed(tensors: readonly NamedTensor[]): Hash {
  return stateRoot(tensors.map(({ name, header }) => ({ name, root: tensorRoot(header) })));
}

function rootOfList(roots: readonly Hash[]): Hash {
  return rootOfTop(topOf(roots.map(leafHash)), roots.length);
}

function requireEqual(actual: Hash, expected: Hash, what: string): void {
  if (!equalBytes(actual, expected)) {
    throw new ActorError(
      "mismatch",
      `${what} is not what the provider committed to: ask somebody else for it.`,
    );
  }
}

/** Root of the state after the last segment, from the segment roots. */
function finalRoot(program: Program, segmentRoots: readonly Hash[]): Hash {
  const source = segmentInput(program, segmentRoots.length);
  return source.kind === "initial" ? program.initialRoot : segmentRoots[source.index] ?? ZERO_HASH;
}

/**
 * Checks an index against a run root and the seed of its salts, which the ledger knows. Afterwards every blob it names is what was committed to.
 *
 * @throws {ActorError} `mismatch`
 */
export function checkOutputs(
  program: Program,
  { runRoot, seed }: { readonly runRoot: Hash; readonly seed: Hash },
  index: OutputIndex,
): void {
  const { segmentRoots, finalState, maps } = index;
  const count = programSegments(program);
  if (segmentRoots.length !== count) {
    throw new ActorError(
      "mismatch",
      `The program has ${count} segments: the index names ${segmentRoots.length}.`,
    );
  }
  requireEqual(saltedRunRoot(seed, segmentRoots), runRoot, "The list of segments");
  requireEqual(rootOfNamed(finalState), finalRoot(program, segmentRoots), "The final state");
  const expected = Array.from({ length: count }, (_, segment) => segment)
    .filter((segment) => locateSegment(program, segment)?.phase.mode === "map");
  if (maps.length !== expected.length || maps.some(({ segment }, i) => segment !== expected[i])) {
    throw new ActorError(
      "mismatch",
      "The index does not name the outputs of every inference segment, in order.",
    );
  }
  for (const { segment, steps } of maps) {
    requireEqual(
      rootOfList(steps.map(rootOfNamed)),
      segmentRoots[segment] ?? ZERO_HASH,
      `Segment ${segment}`,
    );
  }
}
