/**
 * What the moves have in common: each is a pure decision about the stage it answers, and this turns a decision into an operation.
 *
 * A move that does not verify is rejected and changes nothing: who has no valid move is silent, and silence loses. An opening that does
 * verify and yet contradicts the program closes the dispute at once.
 *
 * @module
 */
import { equalBytes, type Hash } from "../primitives/mod.ts";
import {
  type OperationContext,
  type OperationRule,
  reject,
  type Rejection,
  type RejectionCode,
} from "../ops/mod.ts";
import { invariant, type Params, paramsOfTask, type StateReader, type Task, taskOf } from "../state/mod.ts";
import { close } from "./close.ts";
import { type Dispute, disputes, type OpenedNode, openedNodes, type Reason, type Stage } from "./records.ts";
import { enterStage } from "./stages.ts";

/** What a move leads to. */
export type Decision =
  | { readonly kind: "reject"; readonly rejection: Rejection }
  | {
    readonly kind: "advance";
    readonly stage: Stage;
    /** Whether it was a choice of the challenger, which ends a round. */
    readonly round?: boolean;
    /** Whether the window of the present stage goes on instead of a new one starting. */
    readonly sameWindow?: boolean;
    readonly opened?: OpenedNode;
    readonly event: string;
    readonly detail?: string;
  }
  | { readonly kind: "close"; readonly reason: Reason; readonly opened?: OpenedNode };

/** A decision to reject. */
export function refuse(code: RejectionCode, message: string): Decision {
  return { kind: "reject", rejection: reject(code, message) };
}

/** A stage of one kind. */
export type StageOf<K extends Stage["kind"]> = Extract<Stage, { kind: K }>;

/** What a move is decided on. */
export interface Situation<K extends Stage["kind"]> {
  readonly dispute: Dispute;
  readonly stage: StageOf<K>;
  readonly task: Task;
  /** Those that rule the task. */
  readonly params: Params;
  readonly state: StateReader;
}

/** A move: who makes it, in which stage, and what it leads to. */
export interface MoveSpec<K extends Stage["kind"], T> {
  readonly stage: K;
  readonly by: "provider" | "challenger";
  readonly weight: bigint;
  /** Codes that `decide` rejects with, besides {@link COMMON_REJECTIONS}. */
  readonly rejects: readonly RejectionCode[];
  decide(situation: Situation<K>, move: T): Decision;
}

function isStage<K extends Stage["kind"]>(stage: Stage, kind: K): stage is StageOf<K> {
  return stage.kind === kind;
}

/** Codes that every move can be rejected with. */
const COMMON_REJECTIONS = [
  "unknown_dispute",
  "not_your_move",
  "dispute_closed",
  "wrong_stage",
] as const satisfies readonly RejectionCode[];

/** The rejection of a dispute that does not exist. */
export const UNKNOWN_DISPUTE = reject(
  "unknown_dispute",
  "There is no dispute with this id. Take the id from the dispute_opened event or from the task.",
);

/** The rejection of a move that another stage asks for. */
export function wrongStage({ stage, deadline }: Dispute): Rejection {
  return stage.kind === "closed"
    ? reject("dispute_closed", "The dispute is closed. Read its outcome.")
    : reject(
      "wrong_stage",
      `The dispute is at the stage "${stage.kind}" until height ${deadline}, which asks for another move.`,
    );
}

/** A dispute that is at the stage a move answers. */
export interface DisputeAt<K extends Stage["kind"]> {
  readonly dispute: Dispute;
  readonly stage: StageOf<K>;
}

/** The dispute, if it is at the stage that a move answers. */
export function disputeAt<K extends Stage["kind"]>(
  state: StateReader,
  id: Hash,
  kind: K,
): DisputeAt<K> | Rejection {
  const dispute = disputes.get(state, id);
  if (dispute === undefined) return UNKNOWN_DISPUTE;
  const { stage } = dispute;
  return isStage(stage, kind) ? { dispute, stage } : wrongStage(dispute);
}

function evaluate<K extends Stage["kind"], T extends { readonly dispute: Hash }>(
  spec: MoveSpec<K, T>,
  state: StateReader,
  context: OperationContext,
  move: T,
): { readonly dispute: Dispute; readonly decision: Decision } | Rejection {
  const dispute = disputes.get(state, move.dispute);
  if (dispute === undefined) return UNKNOWN_DISPUTE;
  if (!equalBytes(context.sender, dispute[spec.by])) {
    return reject("not_your_move", `Only the ${spec.by} of this dispute makes this move.`);
  }
  const { stage } = dispute;
  if (!isStage(stage, spec.stage)) return wrongStage(dispute);
  const task = taskOf(state, dispute.task);
  const params = paramsOfTask(state, context, dispute.task);
  return { dispute, decision: spec.decide({ dispute, stage, task, params, state }, move) };
}

/** The operation of a move. PERF: decides twice, once to check and once to apply. */
export function moveRule<K extends Stage["kind"], T extends { readonly dispute: Hash }>(
  spec: MoveSpec<K, T>,
): OperationRule<T> {
  return {
    weight: spec.weight,
    rejects: [...COMMON_REJECTIONS, ...spec.rejects],
    reserved: true,
    check(state, context, move) {
      const found = evaluate(spec, state, context, move);
      if (!("decision" in found)) return found;
      return found.decision.kind === "reject" ? found.decision.rejection : null;
    },
    apply(state, context, move) {
      const found = evaluate(spec, state, context, move);
      invariant("decision" in found, "A move is applied that was not checked.");
      const { dispute, decision } = found;
      invariant(decision.kind !== "reject", "A move is applied that was rejected.");
      if (decision.opened !== undefined) openedNodes.put(state, dispute.id, decision.opened);
      if (decision.kind === "close") return close(state, context, dispute, decision.reason);
      context.emit({
        kind: decision.event,
        task: dispute.task,
        dispute: dispute.id,
        account: context.sender,
        ...(decision.detail === undefined ? {} : { detail: decision.detail }),
      });
      const rounds = dispute.rounds + (decision.round === true ? 1 : 0);
      enterStage(state, context, { ...dispute, rounds }, decision.stage, decision.sameWindow === true);
    },
  };
}
