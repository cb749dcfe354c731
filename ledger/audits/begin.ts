/**
 * The beginning of an audit: right after the commitment, with the challengers' stake as it is then.
 *
 * @module
 */
import { type Hash, isTolerant, ZERO_HASH } from "../primitives/mod.ts";
import { type BlockContext, candidatesOf, invariant, type StateWriter, taskOf } from "../state/mod.ts";
import { beginAvailability } from "../availability/mod.ts";
import { auditPools } from "./records.ts";
import { enterStage } from "./stages.ts";

/**
 * Begins the audit of a submitted result.
 *
 * @param taken Blocks that the provider took.
 */
export function beginAudit(state: StateWriter, context: BlockContext, id: Hash, taken: number): void {
  const { provider, requester, attempt, program } = taskOf(state, id);
  invariant(provider !== null, "A result without a provider is audited.");
  // Auditors commit to bits, before they see what is claimed: where honest bits differ, they could only contradict each other.
  const pool = isTolerant(program)
    ? []
    : candidatesOf(state, context, "challenger", [requester, provider], program.engine);
  auditPools.put(state, id, pool);
  beginAvailability(state, context, id, taken);
  enterStage(state, context, {
    task: id,
    attempt,
    provider,
    requester,
    stage: "draw",
    deadline: 0n,
    taken,
    draws: 0,
    drawnAt: 0n,
    beacon: ZERO_HASH,
    sampled: [],
    own: [],
    seats: [],
  }, "draw");
}
