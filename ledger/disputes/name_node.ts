/**
 * Naming a node directly. A program that is judged within a bound commits, when it runs, to what every node puts out: the outputs of a step are those of all
 * its nodes. So nothing needs to be bisected, and nobody to be asked:
 *
 *  1. **When.** As long as the run itself is being descended, before or after the provider has split it. Then the challenger names one node of one step;
 *     or it descends, as in any program.
 *  2. **Where.** The segment's root is proven in the run, the step's in the segment's root, and what the segment starts from as when a segment is bound.
 *  3. **What.** The node's descriptor is proven in the program. Each of its outputs, and each input that another node puts out, is an output of the
 *     step: its descriptor says, by the program, whose it is, and its entry at the same place, in the step's root, which tensor the provider
 *     committed to. Inputs from the state and the data are entries of theirs; of others the ledger knows the roots.
 *  4. **Judged** is the whole node. Its trace leaf is put together from these roots, so that no trace has to be opened, none can be made up, and no wiring
 *     can be wrong: what arbiters start from is what the provider itself committed to. Where that is wrong too, it is for another dispute.
 *  5. What does not verify is rejected, and the descent goes on. So a node that cannot be named, since a program hides what it computes or
 *     one transaction does not hold its evidence, is descended to.
 *
 * One operation thus takes the place of all rounds: of a provider that serves its outputs, and whose outputs are certified to be available, nothing else is
 * needed. Our challengers make it at their first turn, which is after the provider's first split: who does not even split loses by silence.
 *
 * @module
 */
import {
  encode,
  equalBytes,
  type Hash,
  isTolerant,
  leafHash,
  leafSalt,
  locateSegment,
  NodeDescriptor,
  OutputDescriptor,
  type Phase,
  programSegments,
  segmentLeaf,
  stateLeaf,
  TraceLeaf,
  ZERO_HASH,
} from "../primitives/mod.ts";
import { segmentInputRoot } from "./bind_segment.ts";
import { judgeUnit } from "./judge_unit.ts";
import { type Decision, moveRule, refuse, type Situation } from "./move.ts";
import type { CommittedOutput, DisputeNameNode, NamedInput, SourceEvidence } from "./moves.ts";
import type { DisputedStep } from "./records.ts";
import { findSource, standsAt, type WiringContext } from "./wiring.ts";

/** A root that was shown, or the decision that it leads to. */
type Shown = { readonly kind: "shown"; readonly root: Hash } | Decision;

/** No trace is opened: the leaf that is judged follows from the step's outputs. */
const NO_TRACE: Hash = ZERO_HASH;

/** The named step, if it is proven to be what the provider committed to. */
function provenStep(
  { dispute, task: { program } }: Situation<"descend">,
  move: DisputeNameNode,
): { readonly kind: "proven"; readonly step: DisputedStep } | Decision {
  const { segment, segmentRoot, step, stepRoot } = move;
  const location = locateSegment(program, segment);
  if (location === undefined || step < location.firstStep || step >= location.endStep) {
    return refuse("wrong_leaf", `The program has no step ${step} in segment ${segment}.`);
  }
  const leaf = segmentLeaf(leafSalt(dispute.seed, segment), segment, segmentRoot.root);
  if (!standsAt(dispute.runRoot, leaf, segment, programSegments(program), segmentRoot.proof)) {
    return refuse("wrong_leaf", `The root is not proven to be leaf ${segment} of the run.`);
  }
  const { firstStep, endStep } = location;
  const local = step - firstStep, count = endStep - firstStep;
  if (!standsAt(segmentRoot.root, leafHash(stepRoot.root), local, count, stepRoot.proof)) {
    return refuse("wrong_leaf", `The root is not proven to be that of step ${step} in segment ${segment}.`);
  }
  const input = segmentInputRoot(program, dispute, segment, move.input);
  if (input === undefined) {
    return refuse(
      "wrong_input",
      `Segment ${segment} starts from what segmentInput says: prove that segment in the run, or give null for the initial state.`,
    );
  }
  const within = { segment, root: segmentRoot.root, input, stepsRoot: segmentRoot.root };
  return { kind: "proven", step: { within, step, root: stepRoot.root, input, traceRoot: NO_TRACE } };
}

/** What the step is committed to have put out as an output of a node. */
function shownOutput(
  phase: Phase,
  step: DisputedStep,
  shown: CommittedOutput,
  source: { readonly node: number; readonly output: number },
  what: string,
): Shown {
  const { descriptor, descriptorProof, entry, entryProof } = shown, { index } = descriptorProof;
  const described = leafHash(encode(OutputDescriptor, descriptor));
  const of = descriptor.source;
  const isShown = standsAt(phase.outputsRoot, described, index, phase.outputs, descriptorProof) &&
    of.kind === "node" && of.node === source.node && of.output === source.output &&
    standsAt(step.root, stateLeaf(entry), index, phase.outputs, entryProof);
  return isShown ? { kind: "shown", root: entry.root } : refuse(
    "wrong_evidence",
    `${what} is not shown: give the step's output that is output ${source.output} of node ${source.node}, and its entry.`,
  );
}

/** The root of input `index` of the named node. */
function shownInput(
  context: WiringContext,
  descriptor: NodeDescriptor,
  index: number,
  node: number,
  shown: NamedInput | undefined,
): Shown {
  const source = descriptor.inputs[index], what = `Input ${index}`;
  if (source === undefined || shown === undefined) return refuse("wrong_evidence", `${what} is not shown.`);
  if (source.kind === "node") {
    if (source.node >= node) return { kind: "close", reason: "malformed_program" };
    return shown.kind === "output" ? shownOutput(context.phase, context.step, shown, source, what) : refuse(
      "wrong_evidence",
      `${what} is what node ${source.node} puts out: show that output of the step.`,
    );
  }
  if (shown.kind === "output") {
    return refuse("wrong_evidence", `${what} is a ${source.kind}: no output of the step shows it.`);
  }
  const evidence: SourceEvidence = shown;
  const finding = findSource(context, source, evidence);
  switch (finding.kind) {
    case "proven":
      return { kind: "shown", root: finding.root };
    case "malformed":
      return { kind: "close", reason: "malformed_program" };
    case "missing":
      return refuse("wrong_evidence", `${what} is not shown.`);
    case "unproven":
      return refuse("wrong_evidence", `${what} is not shown: ${finding.problem}.`);
  }
}

/** All roots, or the first decision that is none. */
function rootsOf(shown: readonly Shown[]): readonly Hash[] | Decision {
  const roots: Hash[] = [];
  for (const each of shown) {
    if (each.kind !== "shown") return each;
    roots.push(each.root);
  }
  return roots;
}

function isDecision(value: readonly Hash[] | Decision): value is Decision {
  return "kind" in value;
}

/** The rule of {@link DisputeNameNode}. */
export const disputeNameNodeRule = moveRule<"descend", DisputeNameNode>({
  stage: "descend",
  by: "challenger",
  weight: 30n,
  rejects: [
    "must_descend",
    "wrong_leaf",
    "wrong_input",
    "wrong_descriptor",
    "wrong_evidence",
    "too_many_inputs",
    "same_top",
  ],
  decide(situation, move) {
    const { dispute, stage, task: { program }, state } = situation, { node, descriptor, own } = move;
    const location = locateSegment(program, move.segment);
    if (!isTolerant(program) || stage.tree.kind !== "run" || location?.phase.mode === "carry") {
      return refuse(
        "must_descend",
        "A node is named directly only in a program judged within a bound, while its run is descended.",
      );
    }
    const found = provenStep(situation, move);
    if (found.kind !== "proven") return found;
    if (location === undefined) return refuse("wrong_leaf", `There is no segment ${move.segment}.`);
    const { phase, phaseIndex } = location, { step } = found;
    const described = leafHash(encode(NodeDescriptor, descriptor));
    if (!standsAt(phase.nodesRoot, described, node, phase.nodes, move.descriptorProof)) {
      return refuse(
        "wrong_descriptor",
        `The descriptor is not proven at position ${node} of the program's nodes.`,
      );
    }
    if (move.inputs.length > descriptor.inputs.length || move.outputs.length > descriptor.outputs.length) {
      return refuse(
        "too_many_inputs",
        `The node has ${descriptor.inputs.length} inputs and ${descriptor.outputs.length} outputs: show those.`,
      );
    }
    const context = { program, phase, step };
    const inputs = rootsOf(
      descriptor.inputs.map((_, i) => shownInput(context, descriptor, i, node, move.inputs[i])),
    );
    if (isDecision(inputs)) return inputs;
    const outputs = rootsOf(descriptor.outputs.map((_, output) => {
      const shown = move.outputs[output];
      return shown === undefined
        ? refuse("wrong_evidence", `Output ${output} is not shown.`)
        : shownOutput(phase, step, shown, { node, output }, `Output ${output}`);
    }));
    if (isDecision(outputs)) return outputs;
    const leaf = { node, inputs, outputs }, claimed = leafHash(encode(TraceLeaf, leaf));
    if (equalBytes(claimed, own)) {
      return refuse(
        "same_top",
        `What the provider committed to at node ${node} is what you say that you have.`,
      );
    }
    const at = { within: step, node }, unit = { kind: "node", claimed, own } as const;
    const told = { event: "node_named", detail: `node ${node} of step ${step.step}` };
    const next = judgeUnit({ state, dispute, program, phaseIndex, leaf, at, unit }, told);
    const opened = { leaf, descriptor };
    return next.kind === "advance" ? { ...next, round: true, opened } : { ...next, opened };
  },
});
