/**
 * The provider opens the disputed node and shows where each of its inputs comes from. If an input is not its source's output the provider
 * has committed to a computation that is not the program's: it loses at once, nobody executes anything.
 *
 * The evidence of a node with very many inputs may exceed one transaction; it is given in order, in as many transactions as it takes,
 * within one window. The largest piece, one producer of {@link MAX_NODE_ARITY} inputs and outputs with its proof, is about 20 KiB.
 *
 * @module
 */
import {
  encode,
  equalBytes,
  type Hash,
  leafHash,
  locateSegment,
  NodeDescriptor,
  type NodeDescriptor as Descriptor,
  type Phase,
  type Program,
  TraceLeaf,
  type TraceLeaf as Leaf,
} from "../primitives/mod.ts";
import type { StateReader } from "../state/mod.ts";
import { judgeUnit } from "./judge_unit.ts";
import { type Decision, moveRule, refuse } from "./move.ts";
import type { DisputeOpenInputs, DisputeOpenNode, SourceEvidence } from "./moves.ts";
import { type Dispute, type DisputedNode, openedNodes } from "./records.ts";
import { descendsNodes } from "./unit.ts";
import { checkSource, standsAt } from "./wiring.ts";

interface Opening {
  readonly dispute: Dispute;
  readonly state: StateReader;
  readonly program: Program;
  readonly phase: Phase;
  readonly phaseIndex: number;
  readonly at: DisputedNode;
  readonly leaf: Leaf;
  readonly descriptor: Descriptor;
  /** Hash of `leaf`, and of the challenger's own, if it was asked. */
  readonly claimed: Hash;
  readonly own: Hash | null;
}

/** Checks the evidence of inputs from position `proven` on, and says what follows. */
function proveInputs(opening: Opening, proven: number, evidence: readonly SourceEvidence[]): Decision {
  const { program, phase, at, leaf, descriptor } = opening;
  const context = { program, phase, step: at.within };
  for (const [offset, shown] of evidence.entries()) {
    const index = proven + offset;
    const source = descriptor.inputs[index], claimed = leaf.inputs[index];
    if (source === undefined || claimed === undefined) {
      return refuse(
        "too_many_inputs",
        `The node has ${descriptor.inputs.length} inputs; give evidence for those.`,
      );
    }
    // The leftmost differing node is at fault only if what it reads comes before it.
    if (source.kind === "node" && source.node >= at.node) {
      return { kind: "close", reason: "malformed_program" };
    }
    const finding = checkSource(context, source, shown, claimed);
    if (finding.kind === "malformed") return { kind: "close", reason: "malformed_program" };
    if (finding.kind === "wrong") return { kind: "close", reason: "wrong_wiring" };
    if (finding.kind === "unproven") {
      return refuse("wrong_evidence", `Input ${index} is not shown: ${finding.problem}.`);
    }
  }
  return afterInputs(opening, proven + evidence.length);
}

function afterInputs(opening: Opening, proven: number): Decision {
  const { dispute, state, program, phaseIndex, at, leaf, descriptor, claimed, own } = opening;
  const detail = `node ${at.node}, ${proven} of ${descriptor.inputs.length} inputs shown`;
  const opened = { leaf, descriptor }, event = "node_opened";
  if (proven < descriptor.inputs.length) {
    return {
      kind: "advance",
      stage: { kind: "open_inputs", at, leaf: claimed, own, proven },
      sameWindow: true,
      opened,
      event,
      detail,
    };
  }
  if (descendsNodes(program) && descriptor.outputs.length > 0) {
    return { kind: "advance", stage: { kind: "choose_output", at }, opened, event, detail };
  }
  const unit = { kind: "node", claimed, own } as const;
  return {
    ...judgeUnit({ state, dispute, program, phaseIndex, leaf, at, unit }, { event, detail }),
    opened,
  };
}

/** The rule of {@link DisputeOpenNode}. */
export const disputeOpenNodeRule = moveRule<"open_node", DisputeOpenNode>({
  stage: "open_node",
  by: "provider",
  weight: 20n,
  rejects: ["wrong_leaf", "wrong_descriptor", "wrong_evidence", "too_many_inputs"],
  decide({ dispute, stage, task: { program }, state }, { leaf, descriptor, descriptorProof, inputs }) {
    const { at } = stage;
    const location = locateSegment(program, at.within.within.segment);
    if (location === undefined) return { kind: "close", reason: "malformed_program" };
    const { phase, phaseIndex } = location;
    if (!equalBytes(leafHash(encode(TraceLeaf, leaf)), stage.leaf)) {
      return refuse("wrong_leaf", `The trace leaf is not the committed one of node ${at.node}.`);
    }
    const described = leafHash(encode(NodeDescriptor, descriptor));
    if (!standsAt(phase.nodesRoot, described, at.node, phase.nodes, descriptorProof)) {
      return refuse(
        "wrong_descriptor",
        `The descriptor is not proven at position ${at.node} of the program's nodes.`,
      );
    }
    const shaped = leaf.node === at.node && leaf.inputs.length === descriptor.inputs.length &&
      leaf.outputs.length === descriptor.outputs.length;
    if (!shaped) return { kind: "close", reason: "wrong_wiring" };
    const { leaf: claimed, own } = stage;
    const opening = { dispute, state, program, phase, phaseIndex, at, leaf, descriptor, claimed, own };
    return proveInputs(opening, 0, inputs);
  },
});

/** The rule of {@link DisputeOpenInputs}. */
export const disputeOpenInputsRule = moveRule<"open_inputs", DisputeOpenInputs>({
  stage: "open_inputs",
  by: "provider",
  weight: 20n,
  rejects: ["no_evidence", "wrong_evidence", "too_many_inputs"],
  decide({ dispute, stage, task: { program }, state }, { inputs }) {
    const { at, proven, leaf: claimed, own } = stage;
    const location = locateSegment(program, at.within.within.segment);
    const opened = openedNodes.get(state, dispute.id);
    if (location === undefined || opened === undefined) return { kind: "close", reason: "malformed_program" };
    if (inputs.length === 0) {
      return refuse("no_evidence", `Give evidence for at least one input, from position ${proven} on.`);
    }
    const { phase, phaseIndex } = location;
    const opening = { dispute, state, program, phase, phaseIndex, at, ...opened, claimed, own };
    return proveInputs(opening, proven, inputs);
  },
});
