/**
 * What the ledger waits for from an account. Read from the state, not from events, so that an actor that restarts finds everything it
 * must do.
 *
 * @module
 */
import { type Address, equalBytes } from "../primitives/mod.ts";
import {
  appealSeats,
  type Dispute,
  disputes,
  type DisputeTurn,
  disputeTurn,
  isAskedOf,
  isAskedOnAppeal,
  type OpenedNode,
  openedNodes,
} from "../disputes/mod.ts";
import { activeTasks, type StateReader, type Task, taskIdOf, taskOf } from "../state/mod.ts";

/** One thing to do before a deadline. */
export type Duty =
  /** As provider: `accept_task` or `decline_task`. */
  | { readonly kind: "accept"; readonly task: Task; readonly deadline: bigint }
  /** As provider: compute, then `submit_result`. */
  | { readonly kind: "compute"; readonly task: Task; readonly deadline: bigint }
  /** As provider or challenger: the move that `turn` asks for. */
  | {
    readonly kind: "move";
    readonly task: Task;
    readonly dispute: Dispute;
    readonly turn: DisputeTurn;
    readonly deadline: bigint;
  }
  /** As arbiter: re-execute the opened node and commit; or reveal. */
  | {
    readonly kind: "arbitrate";
    readonly task: Task;
    readonly dispute: Dispute;
    readonly turn: DisputeTurn;
    readonly opened: OpenedNode;
    readonly deadline: bigint;
  }
  /** As provider or challenger: appeal against the verdict, if it is wrong. */
  | {
    readonly kind: "appealable";
    readonly task: Task;
    readonly dispute: Dispute;
    readonly turn: Extract<DisputeTurn, { kind: "verdict" }>;
    readonly opened: OpenedNode;
    readonly deadline: bigint;
  }
  /** As validator: re-execute on appeal and commit; or reveal. */
  | {
    readonly kind: "appeal";
    readonly task: Task;
    readonly dispute: Dispute;
    readonly turn: DisputeTurn;
    readonly opened: OpenedNode;
    readonly deadline: bigint;
  };

function taskDuty(task: Task, account: Address): Duty | undefined {
  if (task.provider === null || !equalBytes(task.provider, account)) return undefined;
  const { deadline } = task;
  if (task.status === "assigned") return { kind: "accept", task, deadline };
  return task.status === "running" ? { kind: "compute", task, deadline } : undefined;
}

function disputeDuty(state: StateReader, task: Task, account: Address): Duty | undefined {
  const dispute = task.dispute === null ? undefined : disputes.get(state, task.dispute);
  if (dispute === undefined) return undefined;
  const turn = disputeTurn(dispute, task.program);
  const isAsked = turn.by === "validators"
    ? isAskedOnAppeal(turn, appealSeats.get(state, dispute.id) ?? [], account)
    : isAskedOf(turn, dispute, account);
  if (!isAsked) return undefined;
  const { deadline } = dispute;
  if (turn.by === "provider" || turn.by === "challenger") {
    return { kind: "move", task, dispute, turn, deadline };
  }
  const opened = openedNodes.get(state, dispute.id);
  if (opened === undefined) return undefined;
  if (turn.kind === "verdict") return { kind: "appealable", task, dispute, turn, opened, deadline };
  return { kind: turn.by === "validators" ? "appeal" : "arbitrate", task, dispute, turn, opened, deadline };
}

/** Everything an account must do now, by the task's order of posting. PERF: walks the tasks that are not final. */
export function dutiesOf(state: StateReader, account: Address): readonly Duty[] {
  return activeTasks.get(state)
    .map((number) => taskOf(state, taskIdOf(state, number)))
    .flatMap((task) => taskDuty(task, account) ?? disputeDuty(state, task, account) ?? []);
}
