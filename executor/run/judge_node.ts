/**
 * One node alone, against what was claimed of it: what an arbiter does where the engine's bits depend on the device.
 *
 * @module
 */
import type { TensorInfo } from "../../ledger/primitives/mod.ts";
import type { Engine } from "../engine.ts";
import { ExecutorError } from "../errors.ts";
import type { OpenedPhase, OpenedProgram } from "../program/mod.ts";
import { screenNode } from "../proofs/mod.ts";
import type { Tensor } from "../tensor.ts";
import { boundOf, requireTolerable, withinBound } from "../tolerance/mod.ts";
import { executeNode } from "./execute_node.ts";
import { descriptorAt, nodeAt, valueName } from "./phase_plan.ts";

/** Most elements that a node of a tolerant program reads and writes: arbiters fetch and recompute it whole. */
export const MOST_NODE_ELEMENTS = 2 ** 24;

/**
 * The outputs of a node as they should be, given what was claimed. Where the engine's bits are the same everywhere, those it computes.
 * Otherwise each output is the claimed one if it lies within the bound of the recomputed one, and else the recomputed one; so a claim is
 * right if what comes back is what was claimed.
 *
 * A claimed exact integer product is screened first, if there is a secret to do so with: if it passes, nothing is computed.
 *
 * @param inputs As for `executeNode`: those that were committed to.
 * @param secret See `NodeExecution`.
 * @throws {ExecutorError} As `executeNode` does; `unsupported_operator` if the node has no bound; `bad_request` for another number of
 * claims than the node has outputs.
 */
export async function judgeNode(
  engine: Engine,
  phase: OpenedPhase,
  index: number,
  inputs: readonly (Tensor | undefined)[],
  claimed: readonly Tensor[],
  secret?: Uint8Array,
): Promise<readonly Tensor[]> {
  const { graph } = phase, node = nodeAt(graph, index);
  const given = inputs.map((tensor, i) => tensor ?? graph.initializers.get(node.inputs[i] ?? ""));
  if (secret !== undefined && engine.recompute !== undefined) {
    const [claim] = claimed, [info] = descriptorAt(phase, index).outputs;
    if (claim && claimed.length === 1 && isOf(claim, info) && screenNode(node, given, claim, secret)) {
      return claimed;
    }
  }
  const recomputed = await executeNode({ ...engine, ...engine.recompute }, phase, index, inputs);
  if (engine.recompute === undefined) return recomputed;
  if (claimed.length !== recomputed.length) {
    throw new ExecutorError(
      "bad_request",
      `Node ${index} has ${recomputed.length} outputs: ${claimed.length} were claimed.`,
    );
  }
  const bounds = boundOf({ node, opset: graph.opset, inputs: given, outputs: recomputed });
  return recomputed.map((tensor, i) => {
    const [claim, bound] = [claimed[i], bounds[i]];
    return claim && bound && withinBound(claim, tensor, bound) ? claim : tensor;
  });
}

function isOf({ dtype, shape }: Tensor, info: TensorInfo | undefined): boolean {
  return info !== undefined && dtype === info.dtype && String(shape) === String(info.shape);
}

/**
 * Requires that a program of a device-dependent engine can be disputed: it infers, commits to what every node puts out, and every node has a bound and
 * can be recomputed whole.
 *
 * @throws {ExecutorError} `bad_program` for training, or a node whose outputs are not all the step's; `unsupported_operator`, `bad_request`.
 */
export function requireJudgeable({ phases }: OpenedProgram): void {
  for (const opened of phases) {
    const { graph, phase } = opened;
    if (phase.mode === "carry") {
      throw new ExecutorError(
        "bad_program",
        "A program of an engine whose bits depend on the device cannot carry state from step to step: bounds hold for one node. Train on repops or ort-strict.",
      );
    }
    requireTolerable(graph, MOST_NODE_ELEMENTS);
    requireExposed(opened);
  }
}

function requireExposed({ graph, outputs }: OpenedPhase): void {
  const exposed = new Set(
    outputs.map(({ source }) => source.kind === "node" ? valueName(graph, source) : ""),
  );
  for (const { name, operator, outputs: values } of graph.nodes) {
    const hidden = values.find((value) => !exposed.has(value));
    if (hidden === undefined) continue;
    throw new ExecutorError(
      "bad_program",
      `Node ${name} (${operator}) computes "${hidden}", which is no output of its step: where bits depend on the device, everything computed must be committed to. Build the program with buildInferenceProgram.`,
      { node: name },
    );
  }
}
