/**
 * Naming a node of a toy run of inference.
 *
 * @module
 */
import { type CommittedStep, type DisputeNameNode, namingMove } from "../../../ledger/disputes/mod.ts";
import { encode, type Hash, leafHash, stateRoot, TraceLeaf } from "../../../ledger/primitives/mod.ts";
import { present } from "./play.ts";
import type { ToyChain } from "./toy_chain.ts";
import { DATA, inference, SEED, TOLERANT, type ToyRun } from "./toy_program.ts";

/** Steps of the first segment, of which nodes are named. */
const FIRST_SEGMENT = 2;

/** What a toy run committed to about a step of its first segment. */
export function committedStep({ steps, segmentRoots }: ToyRun, step: number): CommittedStep {
  const { output, input } = present(steps[step]);
  return {
    program: TOLERANT,
    seed: SEED,
    segmentRoots,
    segment: 0,
    stepRoots: steps.slice(0, FIRST_SEGMENT).map((each) => stateRoot(each.output)),
    step,
    ...inference,
    entries: output,
    input,
    data: DATA,
  };
}

/** Hash of the leaf that a run has at a node. */
export function leafOf({ steps }: ToyRun, step: number, node: number): Hash {
  return leafHash(encode(TraceLeaf, present(present(steps[step]).trace[node])));
}

/** The move that names a node of the provider's run, which the challenger has otherwise. */
export function naming(
  chain: ToyChain,
  { provider, challenger }: { readonly provider: ToyRun; readonly challenger: ToyRun },
  node: number,
  step = 0,
): { readonly kind: "dispute_name_node" } & DisputeNameNode {
  const own = leafOf(challenger, step, node);
  return present(namingMove(chain.dispute().id, committedStep(provider, step), node, own));
}
