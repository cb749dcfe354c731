/**
 * Naming the node that is not right: of a tolerant program a challenger has all that the provider committed to, so it needs no descent.
 *
 * @module
 */
import {
  encode,
  equalBytes,
  type Hash,
  leafHash,
  stateRoot,
  tensorRoot,
  TraceLeaf,
} from "../../ledger/primitives/mod.ts";
import type { Operation } from "../../ledger/mod.ts";
import { type CommittedStep, namingMove } from "../../ledger/disputes/mod.ts";
import { claimsOf } from "./claims.ts";
import { at, locationOf, type Party, recordOf, stepsOf } from "./party.ts";
import type { NamedTensor, OutputIndex } from "./party_protocol.ts";

function entriesOf(named: readonly NamedTensor[]) {
  return named.map(({ name, header }) => ({ name, root: tensorRoot(header) }));
}

function differ(own: readonly Hash[], theirs: readonly Hash[]): boolean {
  return own.length !== theirs.length || own.some((root, i) => !equalBytes(root, at(theirs, i, "root")));
}

/** Position of the first root that is another on the other side; -1 if none is. */
function firstDifference(own: readonly Hash[], theirs: readonly Hash[]): number {
  return own.findIndex((root, i) => differ([root], theirs.slice(i, i + 1)));
}

/**
 * The move that names the first node of the first step that is not as it should be.
 *
 * @param party The run as it should be: see `judged_run.ts`.
 * @param index What the provider committed to, and serves.
 * @returns `undefined` if no node is wrong (an output of the step may be none of a node's), or one that the step does not put out with all that it
 * reads: the dispute has to be descended then.
 */
export async function nodeNaming(
  party: Party,
  index: OutputIndex,
  dispute: Hash,
): Promise<Operation | undefined> {
  const segment = firstDifference(party.segmentRoots, index.segmentRoots);
  const served = index.maps.find((map) => map.segment === segment);
  if (served === undefined) return undefined;
  const stepRoots = served.steps.map((named) => stateRoot(entriesOf(named)));
  const { firstStep, roots } = await stepsOf(party, segment);
  const local = firstDifference(roots, stepRoots);
  if (local < 0) return undefined;
  const step = firstStep + local, record = await recordOf(party, segment, step);
  const { nodes, outputs } = at(party.program.phases, locationOf(party, segment).phaseIndex, "phase");
  const entries = entriesOf(at(served.steps, local, "step"));
  const claimed = entries.map(({ root }) => root);
  const node = record.nodes.findIndex((leaf, i) => differ(leaf.outputs, claimsOf(outputs, claimed, i)));
  if (node < 0) return undefined;
  const committed: CommittedStep = {
    program: party.program.program,
    seed: party.seed,
    segmentRoots: index.segmentRoots,
    segment,
    stepRoots,
    step,
    nodes,
    outputs,
    entries,
    input: record.input,
    data: party.program.data,
  };
  const own = leafHash(encode(TraceLeaf, at(record.nodes, node, "node")));
  return namingMove(dispute, committed, node, own);
}
