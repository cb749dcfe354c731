/**
 * A small task, and results for it that verify, for tests of the ledger. Nothing is computed: the roots are arbitrary.
 *
 * @module
 */
import type { Operation } from "../../../ledger/chain/mod.ts";
import { UNITS_PER_TOKEN } from "../../../ledger/chain/mod.ts";
import { scalarRoot } from "../../../ledger/ops/mod.ts";
import {
  hash,
  leafHash,
  merkleRoot,
  type Phase,
  type Program,
  proveLeaf,
  stateLeaf,
  stateRoot,
  utf8,
} from "../../../ledger/primitives/mod.ts";

/** 32 bytes that stand for something. */
export function mark(text: string): Uint8Array {
  return hash("assay/test/mark", utf8(text));
}

/** A phase of ten steps in segments of three: four segments. */
export function testPhase(changes: Partial<Phase> = {}): Phase {
  return {
    mode: "carry",
    graph: mark("graph"),
    nodes: 5,
    nodesRoot: mark("nodes"),
    outputs: 3,
    outputsRoot: mark("outputs"),
    steps: 10,
    segmentSteps: 3,
    batch: { rows: 100, size: 10, seed: 7n },
    ...changes,
  };
}

/** A program of one phase over a state of three tensors, of which the last is the metric. */
export function testProgram(changes: Partial<Program> = {}): Program {
  return {
    engine: "ort-strict",
    engineHash: mark("engine"),
    stateTensors: 3,
    initialRoot: mark("initial"),
    dataTensors: 2,
    dataRoot: mark("data"),
    phases: [testPhase()],
    metric: { name: "correct", index: 2, total: 100 },
    note: new Uint8Array(),
    ...changes,
  };
}

/** Fields of the operation that posts the task. */
export type PostTaskOperation = Extract<Operation, { kind: "post_task" }>;

/** Posts a task with a reward of 50 tokens and a collateral of 200. */
export function postTask(changes: Partial<PostTaskOperation> = {}): PostTaskOperation {
  return {
    kind: "post_task",
    title: "digits",
    program: testProgram(),
    manifest: mark("manifest"),
    reward: 50n * UNITS_PER_TOKEN,
    collateral: 200n * UNITS_PER_TOKEN,
    memoryMiB: 512,
    thresholdPpm: 900_000,
    computeBlocks: 10,
    ...changes,
  };
}

/** Fields of the operation that offers a machine. */
export type PublishOfferOperation = Extract<Operation, { kind: "publish_offer" }>;

/** Offers a machine with two slots. */
export function publishOffer(changes: Partial<PublishOfferOperation> = {}): PublishOfferOperation {
  return {
    kind: "publish_offer",
    engines: ["ort-strict"],
    memoryMiB: 1024,
    minReward: UNITS_PER_TOKEN,
    slots: 2,
    ...changes,
  };
}

/** Fields of the operation that submits a result. */
export type SubmitResultOperation = Extract<Operation, { kind: "submit_result" }>;

/** A result for {@link testProgram} whose proofs verify. */
export function submitResult(task: Uint8Array, metric = 95n): SubmitResultOperation {
  const entries = [
    { name: "weight", root: mark("weight") },
    { name: "bias", root: mark("bias") },
    { name: "correct", root: scalarRoot(metric) },
  ];
  const final = stateRoot(entries);
  const segments = [mark("segment 0"), mark("segment 1"), mark("segment 2"), final];
  return {
    kind: "submit_result",
    task,
    runRoot: merkleRoot(segments),
    lastSegment: { root: final, proof: proveLeaf(segments.map(leafHash), 3) },
    metric: { value: metric, name: "correct", proof: proveLeaf(entries.map(stateLeaf), 2) },
  };
}
