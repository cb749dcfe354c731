/**
 * Opens a program: parses its graphs, describes every node anew, and checks all of it against the program's roots. Providers,
 * challengers, arbiters and the market start here, so that none of them has to trust whoever handed out the blobs.
 *
 * @module
 */
import {
  bytesToHex,
  encode,
  equalBytes,
  type Hash,
  merkleRoot,
  NodeDescriptor,
  OutputDescriptor,
  type Phase,
  programId,
  stateRoot,
} from "../../ledger/primitives/mod.ts";
import { ExecutorError } from "../errors.ts";
import { bindShapes, parseModel } from "../onnx/mod.ts";
import { ELEMENT_BYTES, elementCount } from "../tensor.ts";
import { type BlobSource, takeBlob } from "./blobs.ts";
import { describeStep, type NamedInfo, showType, type StepDescription } from "./describe_step.ts";
import { entryOf, type ProgramManifest } from "./manifest.ts";
import type { NamedHeader, OpenedPhase, OpenedProgram } from "./opened_program.ts";

/**
 * Opens a program.
 *
 * @param blobs Must have the phases' graphs; state and data are needed only to run, see `loadTensors`.
 * @throws {ExecutorError} `bad_program` if a blob is missing or anything contradicts a root; `malformed_model`,
 * `unsupported_operator`, `bad_shape` for a graph that cannot be executed.
 */
export function openProgram(manifest: ProgramManifest, blobs: BlobSource): OpenedProgram {
  const { program, state, data } = manifest;
  checkTensors(state, program.stateTensors, program.initialRoot, "initial state");
  checkTensors(data, program.dataTensors, program.dataRoot, "data");
  if (program.phases.length === 0) {
    throw new ExecutorError("bad_program", "A program needs at least one phase.");
  }
  const phases = program.phases.map((phase, index) =>
    openPhase(phase, `phase ${index}`, state.map(infoOf), data.map(infoOf), program.engine, blobs)
  );
  checkMetric(manifest);
  return { program, id: programId(program), phases, state, data };
}

function infoOf({ name, header }: NamedHeader): NamedInfo {
  return { name, dtype: header.dtype, shape: header.shape };
}

function checkTensors(tensors: readonly NamedHeader[], count: number, root: Hash, what: string): void {
  if (tensors.length !== count) {
    throw new ExecutorError(
      "bad_program",
      `The ${what} has ${tensors.length} tensors, but the program says ${count}.`,
    );
  }
  if (new Set(tensors.map(({ name }) => name)).size !== count) {
    throw new ExecutorError("bad_program", `Two tensors of the ${what} have the same name.`);
  }
  const huge = tensors.find(({ header }) =>
    !Number.isSafeInteger(elementCount(header.shape) * ELEMENT_BYTES[header.dtype])
  );
  if (huge !== undefined) {
    throw new ExecutorError("bad_program", `The tensor "${huge.name}" of the ${what} is too large.`);
  }
  expectRoot(stateRoot(tensors.map(entryOf)), root, `the ${what}`);
}

function expectRoot(found: Hash, declared: Hash, what: string): void {
  if (equalBytes(found, declared)) return;
  throw new ExecutorError(
    "bad_program",
    `The root of ${what} is ${bytesToHex(found)}, but the program says ${bytesToHex(declared)}.`,
  );
}

function openPhase(
  phase: Phase,
  what: string,
  state: readonly NamedInfo[],
  data: readonly NamedInfo[],
  engine: string,
  blobs: BlobSource,
): OpenedPhase {
  if (phase.steps < 1 || phase.segmentSteps < 1) {
    throw new ExecutorError(
      "bad_program",
      `The ${what} must have at least one step, and one step per segment.`,
    );
  }
  const graph = bindShapes(parseModel(takeBlob(blobs, phase.graph, `the graph of ${what}`)));
  const description = describeStep({ mode: phase.mode, graph }, state, data, engine);
  const { nodes, outputs } = description;
  if (nodes.length !== phase.nodes || outputs.length !== phase.outputs) {
    throw new ExecutorError(
      "bad_program",
      `The graph of ${what} has ${nodes.length} nodes and ${outputs.length} outputs, but the program says ${phase.nodes} and ${phase.outputs}.`,
    );
  }
  expectRoot(
    merkleRoot(nodes.map((node) => encode(NodeDescriptor, node))),
    phase.nodesRoot,
    `the nodes of ${what}`,
  );
  expectRoot(
    merkleRoot(outputs.map((output) => encode(OutputDescriptor, output))),
    phase.outputsRoot,
    `the outputs of ${what}`,
  );
  checkBatch(phase, what, description, data);
  return { phase, graph, nodes, outputs };
}

function checkBatch(
  phase: Phase,
  what: string,
  description: StepDescription,
  data: readonly NamedInfo[],
): void {
  const { batch } = phase, { batchSize } = description;
  if (batch === null) {
    if (batchSize !== undefined) {
      throw new ExecutorError("bad_program", `The ${what} reads a batch but declares none.`);
    }
    return;
  }
  if (batch.size < 1 || batch.size > batch.rows || (batchSize !== undefined && batchSize !== batch.size)) {
    throw new ExecutorError(
      "bad_program",
      `The ${what} draws ${batch.size} of ${batch.rows} rows, while its graph takes ${batchSize ?? "none"}.`,
    );
  }
  for (const index of description.dataUsed) {
    const tensor = data[index];
    if (tensor !== undefined && tensor.shape[0] !== batch.rows) {
      throw new ExecutorError(
        "bad_program",
        `The ${what} draws from ${batch.rows} rows, but the data tensor "${tensor.name}" is ${
          showType(tensor)
        }.`,
      );
    }
  }
}

function checkMetric({ program: { metric }, state }: ProgramManifest): void {
  if (metric === null) return;
  const header = state[metric.index]?.header;
  if (header?.dtype !== "int64" || header.shape.length !== 0) {
    throw new ExecutorError(
      "bad_program",
      `The metric "${metric.name}" must be an int64 scalar of the state.`,
    );
  }
}
