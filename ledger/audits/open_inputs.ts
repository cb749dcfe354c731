/**
 * The provider opens the states that the sampled segments start from: now auditors can execute them, and still compare with nothing.
 *
 * @module
 */
import {
  type Hash,
  type Program,
  programSegments,
  segmentInput,
  type SegmentOpening,
  verifySegment,
} from "../primitives/mod.ts";
import { type OperationRule, reject } from "../ops/mod.ts";
import { invariant, taskOf } from "../state/mod.ts";
import { noteOpenedStates } from "../availability/mod.ts";
import { auditOf, COMMON_REJECTIONS, expected } from "./expected.ts";
import type { AuditOpenInputs } from "./moves.ts";
import { enterStage } from "./stages.ts";

/** The root that an opening shows for what a segment starts from; undefined if it does not. */
function inputRoot(
  program: Program,
  runRoot: Hash,
  segment: number,
  opening: SegmentOpening | null,
): Hash | undefined {
  const source = segmentInput(program, segment);
  if (source.kind === "initial") return opening === null ? program.initialRoot : undefined;
  if (opening === null) return undefined;
  return verifySegment(runRoot, opening, source.index, programSegments(program)) ? opening.root : undefined;
}

/** The segments whose states the sampled ones start from: initial states are everybody's. */
function openedSegments(program: Program, sampled: readonly number[]): readonly number[] {
  return sampled.flatMap((segment) => {
    const source = segmentInput(program, segment);
    return source.kind === "segment" ? [source.index] : [];
  });
}

/** The rule of {@link AuditOpenInputs}. */
export const auditOpenInputsRule: OperationRule<AuditOpenInputs> = {
  weight: 10n,
  rejects: [...COMMON_REJECTIONS, "not_the_provider", "wrong_input"],
  reserved: true,
  check(state, context, { task: id, inputs }) {
    const rejection = expected(state, context, id, { stage: "open_inputs", by: "provider" });
    if (rejection !== null) return rejection;
    const { program, result } = taskOf(state, id);
    const { sampled } = auditOf(state, id);
    const wrong = sampled.find(({ segment }, i) =>
      inputRoot(program, result?.runRoot ?? program.initialRoot, segment, inputs[i] ?? null) === undefined
    );
    if (wrong === undefined && inputs.length === sampled.length) return null;
    return reject(
      "wrong_input",
      `Open what each of the ${sampled.length} sampled segments starts from, as segmentInput says` +
        (wrong === undefined ? "." : `: that of segment ${wrong.segment} is not shown.`),
    );
  },
  apply(state, context, { task: id, inputs }) {
    const { program, result } = taskOf(state, id);
    const audit = auditOf(state, id);
    invariant(result !== null, "A task is audited without a result.");
    const sampled = audit.sampled.map((sample, i) => {
      const input = inputRoot(program, result.runRoot, sample.segment, inputs[i] ?? null);
      invariant(input !== undefined, "Inputs are opened that were not checked.");
      return { ...sample, input };
    });
    noteOpenedStates(state, id, openedSegments(program, sampled.map(({ segment }) => segment)));
    context.emit({ kind: "audit_inputs_opened", task: id, account: context.sender });
    enterStage(state, context, { ...audit, sampled }, "commit");
  },
};
