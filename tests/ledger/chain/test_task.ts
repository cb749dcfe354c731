/**
 * A small task, and results for it that verify, for tests of the ledger. Nothing is computed: the roots are arbitrary.
 *
 * @module
 */
import type { Operation } from "../../../ledger/chain/mod.ts";
import { runQuery, UNITS_PER_TOKEN } from "../../../ledger/chain/mod.ts";
import { type Audit, ownSegments, scalarRoot } from "../../../ledger/audits/mod.ts";
import {
  hash,
  openSegment,
  type Phase,
  type Program,
  programId,
  proveLeaf,
  saltCommitment,
  saltedRunRoot,
  segmentInput,
  stateLeaf,
  stateRoot,
  utf8,
} from "../../../ledger/primitives/mod.ts";
import type { TestChain } from "./test_chain.ts";

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
    gain: 0n,
    auditSegments: 0,
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

/** The seed of every test result: secret only in earnest. */
export const SEED = mark("seed");

function finalState(metric: bigint) {
  return [
    { name: "weight", root: mark("weight") },
    { name: "bias", root: mark("bias") },
    { name: "correct", root: scalarRoot(metric) },
  ];
}

/** Roots of the four segments of {@link testProgram}. */
export function segmentRoots(metric = 95n): readonly Uint8Array[] {
  return [mark("segment 0"), mark("segment 1"), mark("segment 2"), stateRoot(finalState(metric))];
}

/** A result for {@link testProgram} whose proofs verify. */
export function submitResult(task: Uint8Array, metric = 95n): SubmitResultOperation {
  const segments = segmentRoots(metric);
  return {
    kind: "submit_result",
    task,
    program: programId(testProgram()),
    runRoot: saltedRunRoot(SEED, segments),
    saltCommitment: saltCommitment(SEED),
    lastSegment: openSegment(SEED, segments, 3),
    metric: { value: metric, name: "correct", proof: proveLeaf(finalState(metric).map(stateLeaf), 2) },
  };
}

/** Opens the inputs that an audit of {@link submitResult} asks for. */
export function openInputs({ task, sampled }: Audit, metric = 95n): Operation {
  const inputs = sampled.map(({ segment }) => {
    const source = segmentInput(testProgram(), segment);
    return source.kind === "initial" ? null : openSegment(SEED, segmentRoots(metric), source.index);
  });
  return { kind: "audit_open_inputs", task, inputs };
}

/** Opens everything that an audit of {@link submitResult} asks for. */
export function openOutputs(audit: Audit, metric = 95n): Operation {
  const { task, sampled } = audit;
  const outputs = [...sampled.map(({ segment }) => segment), ...ownSegments(audit)].map((segment) => {
    const { root, proof } = openSegment(SEED, segmentRoots(metric), segment);
    return { root, proof, trace: mark(`trace ${segment}`) };
  });
  return { kind: "audit_open_outputs", task, seed: SEED, outputs };
}

/** The audit of a task. */
export function auditOf(chain: TestChain, task: Uint8Array): Audit {
  const audit = runQuery(chain.state(), "audit", task);
  if (audit === undefined) throw new Error("the task has no audit");
  return audit;
}

/** Submits a result on a chain without auditors, and opens it as soon as that may be: the challenge window begins. */
export function submitAndOpen(chain: TestChain, provider: string, task: Uint8Array, metric = 95n): void {
  chain.accept(provider, submitResult(task, metric));
  while (auditOf(chain, task).stage === "draw") chain.advance(1);
  chain.accept(provider, openOutputs(auditOf(chain, task), metric));
}
