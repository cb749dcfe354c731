/**
 * What follows when it is known what is to be judged.
 *
 * @module
 */
import type { Program, TraceLeaf } from "../primitives/mod.ts";
import type { StateReader } from "../state/mod.ts";
import { sameJudged } from "./concurrency.ts";
import type { Decision } from "./move.ts";
import type { Dispute, DisputedNode, Unit } from "./records.ts";
import { clearedUnits, unitKey } from "./unit.ts";

/** What is known by then. */
export interface Judged {
  readonly state: StateReader;
  readonly dispute: Dispute;
  readonly program: Program;
  readonly phaseIndex: number;
  readonly leaf: TraceLeaf;
  readonly at: DisputedNode;
  readonly unit: Unit;
}

/**
 * Arbiters are drawn; unless the same was confirmed before, which decides the dispute, or is being judged in another, whose verdict it awaits.
 */
export function judgeUnit(
  { state, dispute, program, phaseIndex, leaf, at, unit }: Judged,
  told: { readonly event: string; readonly detail: string },
): Extract<Decision, { kind: "advance" | "close" }> {
  const key = unitKey({ task: dispute.task, program, phaseIndex, leaf, at, unit });
  if (clearedUnits.get(state, key) !== undefined) return { kind: "close", reason: "output_confirmed" };
  const same = sameJudged(state, program, dispute, key);
  return {
    kind: "advance",
    stage: same === undefined ? { kind: "draw", at, unit } : { kind: "merged", at, unit, into: same.id },
    ...told,
  };
}
