/**
 * The provider opens the disputed segment: its root, the state it starts from, and the tree over its steps, whose last leaf must be the
 * segment's own root, so that a tree made up afterwards cannot lead elsewhere.
 *
 * @module
 */
import {
  equalBytes,
  type Hash,
  leafHash,
  leafSalt,
  locateSegment,
  merkleRoot,
  type Program,
  programSegments,
  segmentInput,
  segmentLeaf,
} from "../primitives/mod.ts";
import { startDescent } from "./descent.ts";
import { moveRule, refuse } from "./move.ts";
import type { DisputeBindSegment, ProvenRoot } from "./moves.ts";
import type { Dispute } from "./records.ts";
import { standsAt } from "./wiring.ts";

/**
 * The root of the state that a segment starts from, if it is proven; `undefined` if not.
 *
 * @param input The earlier segment it starts from, proven in the run; null where that is the initial state.
 */
export function segmentInputRoot(
  program: Program,
  { runRoot, seed }: Pick<Dispute, "runRoot" | "seed">,
  segment: number,
  input: ProvenRoot | null,
): Hash | undefined {
  const source = segmentInput(program, segment);
  if (source.kind === "initial") return input === null ? program.initialRoot : undefined;
  if (input === null) return undefined;
  const leaf = segmentLeaf(leafSalt(seed, source.index), source.index, input.root);
  const proven = standsAt(runRoot, leaf, source.index, programSegments(program), input.proof);
  return proven ? input.root : undefined;
}

/** The root of a segment's steps, if it is bound to the segment's root. With one step, or in a `map` phase, it follows from it. */
function stepsRootOf(
  mode: "carry" | "map",
  count: number,
  { root, steps }: DisputeBindSegment,
): Hash | undefined {
  if (mode === "map") return steps === null ? root : undefined;
  if (count === 1) return steps === null ? merkleRoot([root]) : undefined;
  if (steps === null) return undefined;
  return standsAt(steps.root, leafHash(root), count - 1, count, steps.proof) ? steps.root : undefined;
}

/** The rule of {@link DisputeBindSegment}. */
export const disputeBindSegmentRule = moveRule<"bind_segment", DisputeBindSegment>({
  stage: "bind_segment",
  by: "provider",
  weight: 4n,
  rejects: ["wrong_leaf", "wrong_input", "wrong_steps"],
  decide({ dispute, stage, task: { program } }, move) {
    const { segment } = stage;
    const location = locateSegment(program, segment);
    if (location === undefined) return { kind: "close", reason: "malformed_program" };
    if (!equalBytes(segmentLeaf(leafSalt(dispute.seed, segment), segment, move.root), stage.leaf)) {
      return refuse(
        "wrong_leaf",
        `The root is not leaf ${segment} of the run. Open the committed segment root.`,
      );
    }
    const input = segmentInputRoot(program, dispute, segment, move.input);
    if (input === undefined) {
      return refuse(
        "wrong_input",
        `Segment ${segment} starts from what segmentInput says: prove that segment in the run, or give null for the initial state.`,
      );
    }
    const { firstStep, endStep, phase } = location;
    const count = endStep - firstStep;
    const stepsRoot = stepsRootOf(phase.mode, count, move);
    if (stepsRoot === undefined) {
      return refuse(
        "wrong_steps",
        `Bind the tree over the ${count} steps of segment ${segment} by a proof that its last leaf is the segment's root; ` +
          "give null for a map phase or a single step.",
      );
    }
    const within = { segment, root: move.root, input, stepsRoot };
    return {
      kind: "advance",
      stage: count === 1 && phase.mode === "carry"
        ? { kind: "bind_step", within, step: firstStep, leaf: leafHash(move.root) }
        : startDescent({ kind: "steps", of: within }, stepsRoot, count),
      event: "segment_bound",
      detail: `segment ${segment}`,
    };
  },
});
