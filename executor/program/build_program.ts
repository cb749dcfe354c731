/**
 * Puts steps, state and data together into a program. A pure function: whoever builds from the same parts gets the same bytes.
 *
 * @module
 */
import {
  type BatchSchedule,
  bytesToHex,
  encode,
  type Hash,
  merkleRoot,
  NodeDescriptor,
  OutputDescriptor,
  type Phase,
  type Program,
  programId,
  stateRoot,
  utf8,
} from "../../ledger/primitives/mod.ts";
import { ExecutorError } from "../errors.ts";
import { bindShapes, buildModel } from "../onnx/mod.ts";
import { type Tensor, tensorBytes } from "../tensor.ts";
import { type Blob, blobOf, blobSource } from "./blobs.ts";
import { describeStep, type NamedInfo } from "./describe_step.ts";
import { encodeManifest, entryOf, type ProgramManifest } from "./manifest.ts";
import { openProgram } from "./open_program.ts";
import type { NamedHeader } from "./opened_program.ts";
import type { StepGraph } from "./step_graph.ts";

/** A tensor and its name in the state or the data. */
export interface NamedTensor {
  readonly name: string;
  readonly tensor: Tensor;
}

/** One phase to be. */
export interface PhasePlan {
  readonly step: StepGraph;
  /** How many steps, at least 1. */
  readonly steps: number;
  /** How many steps between two commitments, at least 1. */
  readonly segmentSteps: number;
  /** How batches are drawn; `null` for a step without batch. */
  readonly batch: BatchSchedule | null;
}

/** What a program is made of. */
export interface ProgramPlan {
  readonly engine: { readonly name: string; readonly kernelHash: Hash };
  /** The initial state, in order. Each phase's step may use any part of it. */
  readonly state: readonly NamedTensor[];
  readonly data: readonly NamedTensor[];
  readonly phases: readonly PhasePlan[];
  /** `tensor` names a state tensor: an int64 scalar that counts up to `total`. */
  readonly metric?: { readonly name: string; readonly tensor: string; readonly total: number };
  /** Names the job for people, at most 1024 bytes of UTF-8. */
  readonly note?: string;
}

/** A program with everything that has to be handed out with it. */
export interface BuiltProgram {
  readonly program: Program;
  /** Identity of the program. */
  readonly id: Hash;
  readonly manifest: ProgramManifest;
  /** Root of the manifest's blob: what a task names. */
  readonly manifestId: Hash;
  /** The manifest, the graphs, the initial state and the data, each once. */
  readonly blobs: readonly Blob[];
}

/**
 * Builds a program.
 *
 * @throws {ExecutorError} `bad_program` if the parts contradict each other.
 */
export function buildProgram(plan: ProgramPlan): BuiltProgram {
  const blobs = new Map<string, Blob>();
  const keep = (bytes: Uint8Array): Hash => {
    const blob = blobOf(bytes);
    blobs.set(bytesToHex(blob.id), blob);
    return blob.id;
  };
  const state = plan.state.map((named) => headerOf(named, keep));
  const data = plan.data.map((named) => headerOf(named, keep));
  const program: Program = {
    engine: plan.engine.name,
    engineHash: plan.engine.kernelHash,
    stateTensors: state.length,
    initialRoot: stateRoot(state.map(entryOf)),
    dataTensors: data.length,
    dataRoot: stateRoot(data.map(entryOf)),
    phases: plan.phases.map((phase) =>
      describePhase(phase, keep, state.map(infoOf), data.map(infoOf), plan.engine.name)
    ),
    metric: metricOf(plan),
    note: utf8(plan.note ?? ""),
  };
  const manifest = { program, state, data };
  // Opening it is what everybody else will do: whatever is wrong shows here, before anybody pays.
  openProgram(manifest, blobSource(blobs.values()));
  const manifestId = keep(encodeManifest(manifest));
  return { program, id: programId(program), manifest, manifestId, blobs: [...blobs.values()] };
}

function headerOf({ name, tensor }: NamedTensor, keep: (bytes: Uint8Array) => Hash): NamedHeader {
  return { name, header: { dtype: tensor.dtype, shape: tensor.shape, blob: keep(tensorBytes(tensor)) } };
}

function infoOf({ name, header }: NamedHeader): NamedInfo {
  return { name, dtype: header.dtype, shape: header.shape };
}

function describePhase(
  plan: PhasePlan,
  keep: (bytes: Uint8Array) => Hash,
  state: readonly NamedInfo[],
  data: readonly NamedInfo[],
  engine: string,
): Phase {
  const graph = bindShapes(plan.step.graph);
  const { nodes, outputs } = describeStep({ mode: plan.step.mode, graph }, state, data, engine);
  return {
    mode: plan.step.mode,
    graph: keep(buildModel(graph)),
    nodes: nodes.length,
    nodesRoot: merkleRoot(nodes.map((node) => encode(NodeDescriptor, node))),
    outputs: outputs.length,
    outputsRoot: merkleRoot(outputs.map((output) => encode(OutputDescriptor, output))),
    steps: plan.steps,
    segmentSteps: plan.segmentSteps,
    batch: plan.batch,
  };
}

function metricOf({ metric, state }: ProgramPlan): Program["metric"] {
  if (metric === undefined) return null;
  const index = state.findIndex(({ name }) => name === metric.tensor);
  if (index < 0) {
    throw new ExecutorError("bad_program", `The metric's tensor "${metric.tensor}" is not in the state.`);
  }
  return { name: metric.name, index, total: metric.total };
}
