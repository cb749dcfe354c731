/**
 * The provider opens everything: the seed of the salts, and the outputs and traces of the sampled segments. From now on everybody can
 * compare, and the challenge window runs.
 *
 * @module
 */
import { equalBytes, leafSalt, programSegments, saltCommitment, verifySegment } from "../primitives/mod.ts";
import { type OperationRule, reject } from "../ops/mod.ts";
import { openChallengeWindow, taskOf } from "../state/mod.ts";
import { openAvailability } from "../availability/mod.ts";
import { auditOf, COMMON_REJECTIONS, expected } from "./expected.ts";
import type { AuditOpenOutputs } from "./moves.ts";
import { enterStage } from "./stages.ts";

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
    const { sampled } = auditOf(state, id);
    const count = programSegments(program);
    const wrong = sampled.find(({ segment }, i) => {
      const output = outputs[i];
      return output === undefined ||
        !verifySegment(result.runRoot, { ...output, salt: leafSalt(seed, segment) }, segment, count);
    });
    if (wrong === undefined && outputs.length === sampled.length) return null;
    return reject(
      "wrong_output",
      `Open each of the ${sampled.length} sampled segments in the run` +
        (wrong === undefined ? "." : `: the root of segment ${wrong.segment} is not shown.`),
    );
  },
  apply(state, context, { task: id, seed, outputs }) {
    const audit = auditOf(state, id);
    const sampled = audit.sampled.map((sample, i) => ({
      ...sample,
      output: outputs[i]?.root ?? null,
      trace: outputs[i]?.trace ?? null,
    }));
    openChallengeWindow(state, context, id, seed);
    openAvailability(state, context, id);
    const seats = audit.seats.filter(({ commitment }) => commitment !== null);
    enterStage(state, context, { ...audit, sampled, seats }, seats.length === 0 ? "closed" : "reveal");
  },
};
