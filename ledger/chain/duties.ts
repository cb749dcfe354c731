/**
 * What the ledger waits for from an account. Read from the state, not from events, so that an actor that restarts finds everything it
 * must do.
 *
 * @module
 */
import { type Address, equalBytes } from "../primitives/mod.ts";
import {
  availabilities,
  type Availability,
  type Demand,
  isCertifying,
  mayAnswer,
  mustAnswer,
} from "../availability/mod.ts";
import { type Audit, audits, type AuditTurn, auditTurn } from "../audits/mod.ts";
import {
  appealSeats,
  type Dispute,
  type DisputeTurn,
  disputeTurn,
  isAskedOf,
  isAskedOnAppeal,
  openDisputesOf,
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
  /** As provider, or as challenger that was drawn to audit: the move that `turn` asks for. */
  | {
    readonly kind: "audit";
    readonly task: Task;
    readonly audit: Audit;
    readonly turn: AuditTurn;
    readonly deadline: bigint;
  }
  /** As member of a result's committee: fetch what it put out, keep it, and certify; or demand what is missing. */
  | {
    readonly kind: "certify";
    readonly task: Task;
    readonly availability: Availability;
    readonly deadline: bigint;
  }
  /**
   * Show a demanded chunk: whoever must serve it, and, if `isOthers`, whoever holds it too and loses by its absence, unless another does.
   */
  | {
    readonly kind: "answer";
    readonly task: Task;
    readonly availability: Availability;
    readonly demand: Demand;
    readonly isOthers: boolean;
    readonly deadline: bigint;
  }
  /** As provider or challenger: the move that `turn` asks for. `opened` is the disputed node, once it is. */
  | {
    readonly kind: "move";
    readonly task: Task;
    readonly dispute: Dispute;
    readonly turn: DisputeTurn;
    readonly opened: OpenedNode | null;
    readonly deadline: bigint;
  }
  /** As provider or challenger: appeal against the verdict, if it is wrong. */
  | {
    readonly kind: "appealable";
    readonly task: Task;
    readonly dispute: Dispute;
    readonly turn: Extract<DisputeTurn, { by: "parties" }>;
    readonly opened: OpenedNode;
    readonly deadline: bigint;
  }
  /** As arbiter: re-execute what is disputed and commit; or reveal. */
  | {
    readonly kind: "arbitrate";
    readonly task: Task;
    readonly dispute: Dispute;
    readonly turn: Extract<DisputeTurn, { by: "arbiters" }>;
    readonly opened: OpenedNode;
    readonly deadline: bigint;
  }
  /** As validator: the same on appeal. */
  | {
    readonly kind: "appeal";
    readonly task: Task;
    readonly dispute: Dispute;
    readonly turn: Extract<DisputeTurn, { by: "validators" }>;
    readonly opened: OpenedNode;
    readonly deadline: bigint;
  };

function taskDuty(task: Task, account: Address): readonly Duty[] {
  if (task.provider === null || !equalBytes(task.provider, account)) return [];
  const { deadline } = task;
  if (task.status === "assigned") return [{ kind: "accept", task, deadline }];
  return task.status === "running" ? [{ kind: "compute", task, deadline }] : [];
}

function auditDuty(state: StateReader, task: Task, account: Address): readonly Duty[] {
  const audit = audits.get(state, task.id);
  const turn = audit === undefined ? undefined : auditTurn(audit, account);
  if (audit === undefined || turn === undefined) return [];
  return [{ kind: "audit", task, audit, turn, deadline: audit.deadline }];
}

function availabilityDuties(state: StateReader, task: Task, account: Address): readonly Duty[] {
  const availability = availabilities.get(state, task.id);
  if (availability === undefined) return [];
  const { deadline, demands } = availability;
  const certify: readonly Duty[] = isCertifying(availability, account)
    ? [{ kind: "certify", task, availability, deadline }]
    : [];
  const answers = demands.flatMap((demand): readonly Duty[] => {
    const isOthers = !mustAnswer(availability, demand, account);
    if (isOthers && !mayAnswer(availability, demand, task.program, account)) return [];
    return [{ kind: "answer", task, availability, demand, isOthers, deadline: demand.deadline }];
  });
  return [...certify, ...answers];
}

function disputeDuty(state: StateReader, task: Task, dispute: Dispute, account: Address): Duty | undefined {
  const turn = disputeTurn(dispute, task.program);
  const isAsked = turn.by === "validators"
    ? isAskedOnAppeal(turn, appealSeats.get(state, dispute.id) ?? [], account)
    : isAskedOf(turn, dispute, account);
  if (!isAsked) return undefined;
  const { deadline } = dispute, opened = openedNodes.get(state, dispute.id) ?? null;
  const about = { task, dispute, deadline };
  if (turn.by === "provider" || turn.by === "challenger") return { kind: "move", ...about, turn, opened };
  if (opened === null) return undefined;
  switch (turn.by) {
    case "parties":
      return { kind: "appealable", ...about, turn, opened };
    case "arbiters":
      return { kind: "arbitrate", ...about, turn, opened };
    case "validators":
      return { kind: "appeal", ...about, turn, opened };
    default:
      return undefined;
  }
}

/** Everything an account must do now, by the task's order of posting. PERF: walks the tasks that are not final. */
export function dutiesOf(state: StateReader, account: Address): readonly Duty[] {
  return activeTasks.get(state)
    .map((number) => taskOf(state, taskIdOf(state, number)))
    .flatMap((task) => [
      ...auditDuty(state, task, account),
      ...availabilityDuties(state, task, account),
      ...task.status === "disputed"
        ? openDisputesOf(state, task.id).flatMap((dispute) =>
          disputeDuty(state, task, dispute, account) ?? []
        )
        : taskDuty(task, account),
    ]);
}
