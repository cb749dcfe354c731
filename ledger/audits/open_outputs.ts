/**
 * The provider opens everything: the seed of the salts, and the outputs and traces of the sampled segments and of auditors' own. From now on
 * everybody can compare, and the challenge window runs.
 *
 * @module
 */
import { equalBytes, leafSalt, programSegments, saltCommitment, verifySegment } from "../primitives/mod.ts";
import { type OperationRule, reject } from "../ops/mod.ts";
import { openChallengeWindow, taskOf } from "../state/mod.ts";
import { openAvailability } from "../availability/mod.ts";
import { auditOf, COMMON_REJECTIONS, expected } from "./expected.ts";
import type { AuditOpenOutputs } from "./moves.ts";
import { ownSegments } from "./own_segment.ts";
import type { Audit } from "./records.ts";
import { enterStage } from "./stages.ts";

/** The segments to open, in order. */
function asked(audit: Audit): readonly number[] {
  return [...audit.sampled.map(({ segment }) => segment), ...ownSegments(audit)];
}

/** The rule of {@link AuditOpenOutputs}. */
export const auditOpenOutputsRule: OperationRule<AuditOpenOutputs> = {
  weight: 10n,
  rejects: [...COMMON_REJECTIONS, "not_the_provider", "wrong_seed", "wrong_output"],
  reserved: true,
  check(state, context, { task: id, seed, outputs }) {
    const rejection = expected(state, context, id, { stage: "open_outputs", by: "provider" });
    if (rejection !== null) return rejection;
    const { program, result } = taskOf(state, id);
    if (result === null || !equalBytes(saltCommitment(seed), result.saltCommitment)) {
      return reject("wrong_seed", "The seed is not the one that was committed to. Reveal exactly that.");
    }
    const segments = asked(auditOf(state, id));
    const count = programSegments(program);
    const wrong = segments.find((segment, i) => {
      const output = outputs[i];
      return output === undefined ||
        !verifySegment(result.runRoot, { ...output, salt: leafSalt(seed, segment) }, segment, count);
    });
    if (wrong === undefined && outputs.length === segments.length) return null;
    return reject(
      "wrong_output",
      `Open in the run each of the ${segments.length} segments that are sampled, or some auditor's own` +
        (wrong === undefined ? "." : `: the root of segment ${wrong} is not shown.`),
    );
  },
  apply(state, context, { task: id, seed, outputs }) {
    const audit = auditOf(state, id);
    const opened = (i: number) => ({ output: outputs[i]?.root ?? null, trace: outputs[i]?.trace ?? null });
    const sampled = audit.sampled.map((sample, i) => ({ ...sample, ...opened(i) }));
    const own = ownSegments(audit).map((segment, i) => ({
      segment,
      input: null,
      ...opened(sampled.length + i),
    }));
    openChallengeWindow(state, context, id, seed);
    openAvailability(state, context, id);
    const seats = audit.seats.filter(({ commitment }) => commitment !== null);
    enterStage(state, context, { ...audit, sampled, own, seats }, seats.length === 0 ? "closed" : "reveal");
  },
};
