/**
 * Follows a task on the ledger to its end, in plain words.
 *
 * @module
 */
import { type ApiClient, fieldsOf } from "../api/client.ts";
import type { Json } from "../api/json.ts";
import type { Narrator } from "../terminal/narrator.ts";
import { ToolError } from "../errors.ts";
import { terminalNarrator } from "../terminal/terminal_narrator.ts";
import { amountOf, listOf, metricOf, textOf } from "./show.ts";

/** Questions after which a task that is still open is explained: providers have had ten seconds then. */
const POLLS_BEFORE_WHY = 20;

/** How often the node is asked: a block is a few hundred milliseconds. */
const POLL_MS = 500;

type Fields = Readonly<Record<string, Json>>;

/** What a status means to whoever waits. */
function statusLine(task: Fields): string {
  const provider = textOf(task["provider"]).slice(0, 12), attempt = textOf(task["attempt"]);
  switch (task["status"]) {
    case "open":
      return task["attempt"] === 0
        ? "Open: waits for a provider."
        : "Open again: waits for another provider.";
    case "assigned":
      return `Assigned to provider ${provider} (attempt ${attempt}).`;
    case "running":
      return `Provider ${provider} took it and computes.`;
    case "auditing":
      return `Provider ${provider} committed to a result${
        resultOf(task)
      }; drawn auditors check it before anybody sees it.`;
    case "submitted":
      return "The result is open; challengers check it.";
    case "disputed":
      return "A challenger computed something else: a dispute narrows it down.";
    case "done":
      return `Done and final: provider ${provider} is paid ${amountOf(task["reward"])} AIGENSYN${
        resultOf(task)
      }.`;
    case "failed":
      return "Failed: nobody did it in time. The reward is back on your account.";
    default:
      return "Taken back. The reward is back on your account.";
  }
}

function resultOf(task: Fields): string {
  const metric = metricOf(task);
  return metric === "-" ? "" : `, ${metric}`;
}

function tellDispute(value: Json, told: Map<string, string>, narrator: Narrator): void {
  const dispute = fieldsOf(value), outcome = fieldsOf(dispute["outcome"]), id = textOf(dispute["id"]);
  const line = dispute["outcome"] === null
    ? `dispute: ${textOf(fieldsOf(dispute["stage"])["kind"])}, round ${textOf(dispute["rounds"])}`
    : `dispute over: ${textOf(outcome["guilty"] ?? "nobody")} guilty (${textOf(outcome["reason"])}), ` +
      `${amountOf(outcome["forfeited"])} AIGENSYN taken`;
  if (told.get(id) === line) return;
  told.set(id, line);
  narrator.say(`  ${line}`);
}

function tellProgress(value: Json | undefined, narrator: Narrator): void {
  const progress = fieldsOf(value),
    step = progress["step"],
    steps = progress["steps"],
    loss = progress["loss"];
  if (typeof step !== "number" || typeof steps !== "number") return;
  const detail = `step ${step} of ${steps}${typeof loss === "number" ? `, loss ${loss.toFixed(3)}` : ""}`;
  narrator.progress(progress["phase"] === 0 ? "  computing " : "  evaluating", step / steps, detail);
}

/** Why an open task is open: what matching says about the offers on the market. */
async function whyOpen(client: ApiClient, id: string): Promise<string> {
  const offers = listOf(await client.get(`/v1/tasks/${id}/match`)).map(fieldsOf);
  if (offers.length === 0) return "There is no offer on the market yet.";
  const refusals = new Map<string, number>();
  for (const { refusal } of offers) {
    if (refusal === null) return "An offer fits: the next blocks assign it.";
    const reason = textOf(refusal).replaceAll("_", " ");
    refusals.set(reason, (refusals.get(reason) ?? 0) + 1);
  }
  const reasons = [...refusals].map(([reason, count]) => `${reason} (${count})`).join(", ");
  return `None of the ${offers.length} offers fits: ${reasons}. It stays open until one does.`;
}

/** Waits, but not beyond the signal, whose reason it throws then. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, ms);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}

/**
 * Follows a task until it is final, or the signal fires. Every status of a task has a deadline on the ledger, so it ends.
 *
 * @returns Whether it was done.
 * @throws {ToolError} `not_found`, `not_running`; the signal's reason.
 */
export async function followTask(client: ApiClient, id: string, signal: AbortSignal): Promise<boolean> {
  const narrator = terminalNarrator();
  const told = new Map<string, string>();
  let last = "", sameStatus = 0;
  while (true) {
    const answer = fieldsOf(await client.get(`/v1/tasks/${id}`));
    const task = fieldsOf(answer["task"]), status = textOf(task["status"]);
    const line = statusLine(task);
    sameStatus = line === last ? sameStatus + 1 : 0;
    if (line !== last) {
      narrator.rest();
      narrator.say(line);
    }
    last = line;
    if (status === "open" && sameStatus === POLLS_BEFORE_WHY) narrator.say(await whyOpen(client, id));
    for (const dispute of listOf(answer["disputes"])) tellDispute(dispute, told, narrator);
    if (status === "running") tellProgress(answer["progress"], narrator);
    if (status === "done") {
      if (task["thresholdMet"] === false) {
        narrator.say("The metric did not reach the threshold that the job asks for.");
      }
      return true;
    }
    if (status === "failed" || status === "cancelled") return false;
    if (status === "-") {
      throw new ToolError("failed", "The node's answer has no task: is it of another version?");
    }
    await pause(POLL_MS, signal);
  }
}
