/**
 * The provider opens one tensor of the step's output and shows where it comes from. The ledger alone decides: nothing is executed to
 * assemble a state.
 *
 * @module
 */
import {
  encode,
  equalBytes,
  leafHash,
  locateSegment,
  OutputDescriptor,
  stateLeaf,
} from "../primitives/mod.ts";
import { moveRule, refuse } from "./move.ts";
import type { DisputeOpenOutput } from "./moves.ts";
import { checkSource, standsAt } from "./wiring.ts";

/** The rule of {@link DisputeOpenOutput}. */
export const disputeOpenOutputRule = moveRule<"open_output", DisputeOpenOutput>({
  stage: "open_output",
  by: "provider",
  weight: 10n,
  rejects: ["wrong_leaf", "wrong_descriptor", "wrong_evidence"],
  decide({ stage, task: { program } }, { entry, descriptor, descriptorProof, source }) {
    const { of: step, output } = stage;
    const phase = locateSegment(program, step.within.segment)?.phase;
    if (phase === undefined) return { kind: "close", reason: "malformed_program" };
    if (!equalBytes(stateLeaf(entry), stage.leaf)) {
      return refuse("wrong_leaf", `The entry is not the committed output ${output}.`);
    }
    const described = leafHash(encode(OutputDescriptor, descriptor));
    if (!standsAt(phase.outputsRoot, described, output, phase.outputs, descriptorProof)) {
      return refuse(
        "wrong_descriptor",
        `The descriptor is not proven at position ${output} of the program's outputs.`,
      );
    }
    const finding = checkSource({ program, phase, step }, descriptor.source, source, entry.root);
    switch (finding.kind) {
      case "unproven":
        return refuse("wrong_evidence", `The source of output ${output} is not shown: ${finding.problem}.`);
      case "malformed":
        return { kind: "close", reason: "malformed_program" };
      case "wrong":
        return { kind: "close", reason: "wrong_wiring" };
      case "wired":
        return {
          kind: "close",
          reason: entry.name === descriptor.name ? "assembly_confirmed" : "wrong_wiring",
        };
    }
  },
});
