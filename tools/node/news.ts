/**
 * What a node's actors and its ledger tell, in plain words on a terminal.
 *
 * @module
 */
import type { ActorEvent } from "../../actors/mod.ts";
import type { Narrator } from "../terminal/narrator.ts";
import { formatAmount } from "../terminal/amounts.ts";

type LedgerNews = Extract<ActorEvent, { kind: "ledger_event" }>;

/** What is told, and how those concerned are called. */
export interface NewsOptions {
  readonly narrator: Narrator;
  /** Name of an account, by its address in hexadecimal. */
  nameOf(account: string): string;
  /** Accounts whose affairs are told; by default everybody's. */
  concerns?(account: string): boolean;
}

/** Titles remembered: enough for the tasks that are under way on a network. */
const MAX_TITLES = 4096;

/** One line of news; `undefined` for what is not worth one. `told` names the task, `who` the account, `amount` the money. */
function sentence(event: LedgerNews, told: string, who: string, amount: string): string | undefined {
  switch (event.event) {
    case "task_posted":
      return `${who} posted ${told}; the reward of ${amount} is in escrow`;
    case "task_accepted":
      return `${who} took ${told}`;
    case "task_declined":
      return `${who} declined ${told}`;
    case "result_submitted":
      return `${who} committed to a result of ${told}; nobody sees it before auditors have`;
    case "auditor_drawn":
      return `${who} is drawn to audit segments of ${told}`;
    case "audit_revealed":
      return `${who} audited ${told}: ${
        event.detail === "agrees" ? "it is right" : "it found something else"
      }`;
    case "result_opened":
      return `${who} opened its result of ${told}; now anybody may check it`;
    case "certifier_drawn":
      return `${who} is drawn to hold the output of ${told} and certify it`;
    case "result_held":
      return `the output of ${told} is held by its committee`;
    case "result_unheld":
      return `nobody certified that the output of ${told} can be had: it is not paid`;
    case "chunk_demanded":
      return `${who} demands to see ${event.detail} of ${told} on the ledger, with ${amount} at stake`;
    case "chunk_answered":
      return `${who} showed a chunk of ${told} on the ledger`;
    case "chunk_withheld":
      return `${who} did not show ${event.detail} of ${told}`;
    case "dispute_opened":
      return `${who} computed something else and disputes the result of ${told}`;
    case "dispute_chosen":
      return `dispute about ${told}: they differ in ${event.detail}`;
    case "node_opened":
      return `dispute about ${told}: it has come down to ${event.detail}`;
    case "arbiter_drawn":
      return `dispute about ${told}: ${who} is drawn to execute that again`;
    case "verdict":
      return `dispute about ${told}: ${event.detail}; either party may appeal to all validators`;
    case "verdict_appealed":
      return `dispute about ${told}: ${who} appeals to all validators, with ${amount} at stake`;
    case "dispute_closed":
      return `dispute about ${told}: ${event.detail}`;
    case "slashed":
      return `${who} lost ${amount} of its stake as ${event.detail}`;
    case "task_reopened":
      return `${told} is open again; ${who} is out`;
    case "task_done":
      return `${told} is done and final: ${who} is paid ${amount}`;
    case "task_failed":
      return `${told} failed; ${amount} go back to ${who}`;
    case "task_cancelled":
      return `${told} was taken back; ${amount} go back to ${who}`;
    case "offer_published":
      return `${who} offers its machine`;
    case "offer_expired":
      return `${who} is off the market: its offer ran out`;
    case "staked":
      return `${who} staked ${amount} as ${event.detail}`;
    case "unstaked":
      return `${who} takes ${amount} out of its stake as ${event.detail}`;
    case "transferred":
      return `${who} received ${amount}`;
  }
  return undefined;
}

/** Makes a teller. Give it the ledger's events of one node, and the other events of each actor with its node's name. */
export function makeNews(
  { narrator, nameOf, concerns }: NewsOptions,
): (member: string, event: ActorEvent) => void {
  const titles = new Map<string, string>();
  /** Tasks that somebody of concern has to do with. */
  const followed = new Set<string>();

  const called = (task: string | undefined) => {
    if (task === undefined) return "a task";
    const title = titles.get(task);
    return title === undefined ? `task ${task.slice(0, 12)}` : `"${title}" (${task.slice(0, 12)})`;
  };

  const tellLedger = (event: LedgerNews) => {
    const { task, account, detail } = event;
    if (event.event === "task_posted" && task !== undefined && detail !== undefined) {
      titles.set(task, detail);
      const [oldest] = titles.keys();
      if (titles.size > MAX_TITLES && oldest !== undefined) titles.delete(oldest);
    }
    if (concerns !== undefined) {
      const concerned = account !== undefined && concerns(account);
      if (concerned && task !== undefined) followed.add(task);
      if (!concerned && (task === undefined || !followed.has(task))) return;
    }
    const who = account === undefined ? "somebody" : nameOf(account);
    const amount = `${formatAmount(event.amount ?? 0n)} AIGENSYN`;
    const line = sentence(event, called(task), who, amount);
    if (line === undefined) return;
    narrator.rest();
    narrator.say(`${line[0]?.toUpperCase()}${line.slice(1)}.`);
    const over = event.event === "task_done" || event.event === "task_failed" ||
      event.event === "task_cancelled";
    if (over && task !== undefined) followed.delete(task);
  };

  return (member, event) => {
    switch (event.kind) {
      case "ledger_event":
        return tellLedger(event);
      case "task_progress": {
        const { task, phase, step, steps, loss } = event;
        if (phase > 0) return; // the evaluation is short against the work
        const detail = `step ${step} of ${steps}${loss === undefined ? "" : `, loss ${loss.toFixed(3)}`}`;
        narrator.progress(`${member} computes ${called(task)}`, step / steps, detail);
        if (step === steps) narrator.rest();
        return;
      }
      case "task_checked": {
        const finding = event.agrees ? "computed the same, to the bit" : "computed something else";
        narrator.rest();
        return narrator.say(`${member} checked ${called(event.task)}: ${finding}.`);
      }
      case "verdict":
        return narrator.say(`${member} executed ${event.operator} for a dispute: ${event.finding}.`);
      case "warning":
        return narrator.say(`${member}: ${event.message}`);
    }
  };
}
