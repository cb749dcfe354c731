/**
 * Wiring: whether a tensor root is the one that its source has, which the ledger decides from openings alone, without execution.
 *
 * @module
 */
import {
  batchRoot,
  type BatchSchedule,
  encode,
  equalBytes,
  type Hash,
  leafHash,
  MAX_BATCH_ROWS,
  MAX_DATASET_ROWS,
  type MerkleProof,
  type Phase,
  type Program,
  stateLeaf,
  type TensorSource,
  TraceLeaf,
  verifyLeaf,
  ZERO_HASH,
} from "../primitives/mod.ts";
import type { SourceEvidence } from "./moves.ts";
import type { DisputedStep } from "./records.ts";

/** Where sources are looked up. */
export interface WiringContext {
  readonly program: Program;
  readonly phase: Phase;
  readonly step: DisputedStep;
}

/**
 * What the evidence shows. `proven`: the source has this root. `missing`: the source's node has no such output, so nothing can be
 * wired to it. `unproven`: the evidence is of another kind, of another place, or does not verify. `malformed`: the program's own source cannot
 * be.
 */
export type SourceFinding =
  | { readonly kind: "proven"; readonly root: Hash }
  | { readonly kind: "missing" }
  | { readonly kind: "unproven"; readonly problem: string }
  | { readonly kind: "malformed" };

function unproven(problem: string): SourceFinding {
  return { kind: "unproven", problem };
}

/** Whether the hashed leaf stands at position `index` of a tree of `count` leaves under `root`. */
export function standsAt(root: Hash, leaf: Hash, index: number, count: number, proof: MerkleProof): boolean {
  return proof.index === index && proof.count === count && verifyLeaf(root, leaf, proof);
}

function entryFinding(
  evidence: SourceEvidence,
  place: { readonly what: string; readonly root: Hash; readonly index: number; readonly count: number },
): SourceFinding {
  const { what, root, index, count } = place;
  if (index >= count) return { kind: "malformed" };
  if (evidence.kind !== "entry") return unproven(`a ${what} source needs an entry with its proof`);
  return standsAt(root, stateLeaf(evidence.entry), index, count, evidence.proof)
    ? { kind: "proven", root: evidence.entry.root }
    : unproven(`the entry is not at position ${index} of ${count} of the ${what}`);
}

function nodeFinding(
  context: WiringContext,
  source: Extract<TensorSource, { kind: "node" }>,
  evidence: SourceEvidence,
): SourceFinding {
  const { phase, step } = context;
  if (source.node >= phase.nodes) return { kind: "malformed" };
  if (evidence.kind !== "node") {
    return unproven("a node source needs its producer's trace leaf with its proof");
  }
  const leaf = leafHash(encode(TraceLeaf, evidence.leaf));
  if (!standsAt(step.traceRoot, leaf, source.node, phase.nodes, evidence.proof)) {
    return unproven(`the trace leaf is not at position ${source.node} of ${phase.nodes} of the trace`);
  }
  const root = evidence.leaf.outputs[source.output];
  // The producer's leaf is the provider's own word, so a short one is no fault of the program.
  return root === undefined ? { kind: "missing" } : { kind: "proven", root };
}

function isUsable({ rows, size }: BatchSchedule): boolean {
  return rows <= MAX_DATASET_ROWS && size >= 1 && size <= Math.min(rows, MAX_BATCH_ROWS);
}

/** Batches by where they are looked up. A node may read the batch of its step as often as it has inputs. */
const batches = new WeakMap<WiringContext, Hash>();

function batchOf(context: WiringContext, schedule: BatchSchedule): Hash {
  const known = batches.get(context) ?? batchRoot(schedule, context.step.step);
  batches.set(context, known);
  return known;
}

/**
 * The root of a source, if the evidence shows it.
 *
 * PERF: a batch costs one permutation for each of its rows, at most {@link MAX_BATCH_ROWS}, once for each context: one for all inputs of a node.
 */
export function findSource(
  context: WiringContext,
  source: TensorSource,
  evidence: SourceEvidence,
): SourceFinding {
  const { program, phase, step } = context;
  switch (source.kind) {
    case "node":
      return nodeFinding(context, source, evidence);
    case "state":
      return entryFinding(evidence, {
        what: "state",
        root: step.input,
        index: source.index,
        count: program.stateTensors,
      });
    case "data":
      return entryFinding(evidence, {
        what: "data",
        root: program.dataRoot,
        index: source.index,
        count: program.dataTensors,
      });
  }
  if (evidence.kind !== "none") return unproven(`a ${source.kind} source takes no evidence`);
  switch (source.kind) {
    case "batch":
      return phase.batch === null || !isUsable(phase.batch)
        ? { kind: "malformed" }
        : { kind: "proven", root: batchOf(context, phase.batch) };
    case "constant":
      return { kind: "proven", root: source.root };
    case "absent":
      return { kind: "proven", root: ZERO_HASH };
  }
}

/** Whether a tensor root that the provider claims is the one its source has; or what else the evidence shows. */
export function checkSource(
  context: WiringContext,
  source: TensorSource,
  evidence: SourceEvidence,
  claimed: Hash,
):
  | { readonly kind: "wired" }
  | { readonly kind: "wrong" }
  | Exclude<SourceFinding, { kind: "proven" | "missing" }> {
  const finding = findSource(context, source, evidence);
  switch (finding.kind) {
    case "proven":
      return { kind: equalBytes(finding.root, claimed) ? "wired" : "wrong" };
    case "missing":
      return { kind: "wrong" };
    default:
      return finding;
  }
}
