/**
 * Names of duties: the same thing to be done has the same name in every look, another thing has another.
 *
 * @module
 */
import { bytesToHex } from "../../ledger/primitives/mod.ts";
import type { Audit, AuditTurn } from "../../ledger/audits/mod.ts";
import type { Dispute, DisputeTurn, Task } from "../../ledger/mod.ts";

/** Deadline of duties that end in one transaction. */
export const OPERATION_MS = 120_000;

/** Deadline of duties that compute: a day, far beyond any window of the ledger, which calls them off when it closes. */
export const COMPUTE_MS = 86_400_000;

/** A duty about one attempt at a task. */
export function taskKey(what: string, { id, attempt }: Pick<Task, "id" | "attempt">): string {
  return `${what}/${bytesToHex(id)}/${attempt}`;
}

/** A duty about one turn of an audit. */
export function auditKey({ task, attempt, deadline }: Audit, turn: AuditTurn): string {
  return `audit ${turn}/${bytesToHex(task)}/${attempt}/${deadline}`;
}

/** A duty about one turn of a dispute. Two turns of one kind never share both round and deadline. */
export function turnKey(dispute: Pick<Dispute, "id" | "rounds" | "deadline">, { kind }: DisputeTurn): string {
  return `${kind}/${bytesToHex(dispute.id)}/${dispute.rounds}/${dispute.deadline}`;
}

/** A short form of an id for people. */
export function short(id: Uint8Array): string {
  return bytesToHex(id).slice(0, 8);
}
