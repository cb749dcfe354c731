/**
 * What happens on the network, in plain words, as one node's ledger and the members' actors tell it.
 *
 * @module
 */
import type { ActorEvent } from "../../actors/mod.ts";
import { hexToBytes } from "../../ledger/primitives/mod.ts";
import { formatAmount } from "../terminal/amounts.ts";
import { lossPlot } from "../terminal/loss_plot.ts";
import type { TestnetListener } from "../testnet/testnet.ts";
import type { Narrator } from "../terminal/narrator.ts";

type LedgerNews = Extract<ActorEvent, { kind: "ledger_event" }>;
type Progress = Extract<ActorEvent, { kind: "task_progress" }>;

/** What a story is told of: a test network, or anything that has members with names. */
export interface Told {
  nameOf(address: Uint8Array): string;
  listen(listener: TestnetListener): () => void;
}

/** Member of a test network whose view of the ledger is told: all have the same. */
const WITNESS = "validator-1";

/** Leaves of each tree of a dispute, and parts of a sum, as a person calls them. */
const LEAVES: Readonly<Record<string, readonly [one: string, several: string]>> = {
  run: ["segment", "segments"],
  steps: ["step", "steps"],
  nodes: ["node", "nodes"],
  outputs: ["output", "outputs"],
  chunks: ["chunk", "chunks"],
  leaves: ["leaf", "leaves"],
  groups: ["group", "groups"],
};

/** `steps 6..8 of 20` as `steps 6 to 7`, `run 5..6 of 9` as `segment 5`; anything else as it is. */
function inWords(range: string): string {
  const match = /^(\w+) (\d+)\.\.(\d+)/.exec(range);
  const [one, several] = LEAVES[match?.[1] ?? ""] ?? [];
  if (match === null || one === undefined) return range;
  const from = Number(match[2]), last = Number(match[3]) - 1;
  return from === last ? `${one} ${from}` : `${several} ${from} to ${last}`;
}

/** `wrong_output` as `wrong output`. */
function inPlainWords(reason: string | undefined): string {
  return (reason ?? "").replaceAll("_", " ");
}

/** Moves of a dispute that are told of one dispute of a task at a time: side by side they cannot be followed. */
const MOVES: ReadonlySet<string> = new Set([
  "dispute_split",
  "dispute_chosen",
  "segment_bound",
  "step_bound",
  "node_opened",
  "tensor_opened",
  "leaf_opened",
  "sum_opened",
]);

/** Follows a network until the returned function is called. `titles` names tasks by id; it may grow. */
export function tellStory(
  net: Told,
  narrator: Narrator,
  titles: ReadonlyMap<string, string>,
  witness = WITNESS,
): () => void {
  const losses = new Map<string, number[]>();
  const rounds = new Map<string, number>();
  /** The dispute whose moves are told, by task. */
  const told = new Map<string, string>();
  const who = (news: LedgerNews) =>
    news.account === undefined ? "somebody" : net.nameOf(hexToBytes(news.account));
  const task = (news: { readonly task?: string }) =>
    titles.get(news.task ?? "") ?? `task ${news.task?.slice(0, 8)}`;
  const mover = (news: LedgerNews) => `  ${`${who(news)}:`.padEnd(14)}`;
  const nextRound = ({ dispute = "" }: LedgerNews) => {
    const round = (rounds.get(dispute) ?? 0) + 1;
    rounds.set(dispute, round);
    return round;
  };
  const amount = (news: LedgerNews) => `${formatAmount(news.amount ?? 0n)} AIGENSYN`;
  const { say } = narrator;

  const tellDispute = (news: LedgerNews) => {
    const { task: id = "", dispute = "" } = news;
    if (told.has(id)) return say(`${who(news)} got something else too, and disputes it beside.`);
    told.set(id, dispute);
    narrator.heading(`${who(news)} computed "${task(news)}" too, got something else, and disputes it`);
  };

  const tellEnd = ({ task: id = "", detail }: LedgerNews) => {
    told.delete(id);
    say(
      `  ${"the end:".padEnd(14)}${
        detail === "nobody guilty: result_void"
          ? "of the other dispute, with the result; its bond returns"
          : inPlainWords(detail)
      }`,
    );
  };

  const tellLedger = (news: LedgerNews) => {
    if (MOVES.has(news.event) && told.get(news.task ?? "") !== news.dispute) return;
    switch (news.event) {
      case "task_accepted":
        return say(`${who(news)} took "${task(news)}".`);
      case "result_submitted":
        narrator.rest();
        return say(
          `${who(news)} says that "${task(news)}" is done, and commits to it, sealed until it is audited.`,
        );
      case "auditor_drawn":
        return say(
          `The beacon draws ${who(news)} to audit segments of "${
            task(news)
          }" before anybody sees the result.`,
        );
      case "audit_revealed":
        return say(
          `${who(news)} reveals what it found in the drawn segments of "${task(news)}": ${
            news.detail === "agrees" ? "the same" : "something else"
          }.`,
        );
      case "dispute_opened":
        return tellDispute(news);
      case "dispute_split":
        return say(`${mover(news)}posts the hashes of ${inWords(news.detail ?? "")}`);
      case "dispute_chosen":
        return say(`${mover(news)}round ${nextRound(news)}: not mine in ${inWords(news.detail ?? "")}`);
      case "segment_bound":
      case "step_bound":
        return say(`${mover(news)}opens ${news.detail}`);
      case "node_opened":
        return say(`${mover(news)}opens ${news.detail}; the ledger finds it wired as the program says`);
      case "arbiter_drawn":
        return say(`  ${"beacon:".padEnd(14)}draws ${who(news)} to execute just this again`);
      case "arbiter_revealed":
        return say(`${mover(news)}reveals what it computed`);
      case "tensor_opened":
        return say(`${mover(news)}opens ${news.detail}, down to its chunks of 64 KiB`);
      case "leaf_opened":
        return say(`${mover(news)}opens ${news.detail}: a chunk is too dear to be judged whole`);
      case "sum_opened":
        return say(`${mover(news)}splits the sum of ${news.detail}`);
      case "verdict":
        return say(
          `  ${"arbiters:".padEnd(14)}find ${
            inPlainWords(news.detail)
          }; it stands unless somebody appeals to all validators`,
        );
      case "verdict_appealed":
        return say(`${mover(news)}appeals, with ${amount(news)} at stake`);
      case "appeal_revealed":
        return say(`${mover(news)}reveals what it computed, as a validator`);
      case "dispute_closed":
        return tellEnd(news);
      case "slashed":
        return say(`  ${who(news)} loses ${amount(news)} of its stake.`);
      case "task_reopened":
        return say(`"${task(news)}" is open again; ${who(news)} is out.`);
      case "task_done":
        return say(`"${task(news)}" is final: ${who(news)} is paid ${amount(news)}.`);
    }
  };

  const tellProgress = (member: string, { task: id, phase, step, steps, loss }: Progress) => {
    const title = titles.get(id) ?? "a task";
    if (phase > 0) return;
    const curve = losses.get(id) ?? [];
    if (step === 1) curve.length = 0;
    if (loss !== undefined) curve.push(loss);
    losses.set(id, curve);
    const detail = `step ${step} of ${steps}${loss === undefined ? "" : `, loss ${loss.toFixed(3)}`}`;
    narrator.progress(`${member}: ${title}`, step / steps, detail);
    if (step < steps || curve.length < 2) return;
    narrator.rest();
    for (const line of lossPlot(curve)) narrator.show(line);
  };

  return net.listen((member, role, event) => {
    if (event.kind === "ledger_event" && member === witness) tellLedger(event);
    if (event.kind === "task_progress" && role === "provider") tellProgress(member, event);
    if (event.kind === "task_checked") {
      const finding = event.agrees ? "computed the same to the bit" : "computed something else";
      say(`${member} checked "${titles.get(event.task) ?? "a task"}": ${finding}.`);
    }
  });
}
