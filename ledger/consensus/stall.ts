/**
 * Timers, and what a node does when they fire: give up on the view, and say again what may have been lost.
 *
 * @module
 */
import type { Certificate } from "./certificates.ts";
import { castVote } from "./casting.ts";
import { type Core, isOver, roundOf } from "./core.ts";
import type { ViewTimer } from "./effects.ts";
import { grownTimeout } from "./timeouts.ts";

/** Certificates and rounds that one retry repeats, newest first: bounds the traffic of a stalled network. */
const REPEATED_ROUNDS = 16;

/** Arms the timers of the present view. */
export function armTimers(core: Core): void {
  core.retries = 0;
  core.fetching.clear();
  const { timeouts } = core.options;
  arm(core, "leader", timeouts.leaderMs);
  arm(core, "advance", timeouts.advanceMs);
  arm(core, "retry", timeouts.retryMs);
}

function arm(core: Core, name: ViewTimer["name"], baseMs: number): void {
  const since = core.view - (core.finalization?.proposal.view ?? core.final.view);
  const afterMs = grownTimeout(baseMs, since, core.options.timeouts.maxMs);
  core.effects.push({ kind: "set_timer", timer: { name, view: core.view }, afterMs });
}

/** Rules 3 and 8. A timer of another view does nothing. */
export function timerFired(core: Core, { name, view }: ViewTimer): void {
  if (view !== core.view || isOver(core) || !core.started) return;
  if (name === "retry") {
    repeat(core);
    return;
  }
  const round = roundOf(core, view);
  if (name === "leader" && round.proposal !== undefined) return;
  if (round.own.finalize === undefined) {
    castVote(core, { kind: "nullify", epoch: core.options.validators.epoch, view });
  }
}

/** Says again, bounded: the latest finalization, later certificates, own votes and own proposal; forgets fetches under way. */
function repeat(core: Core): void {
  core.fetching.clear();
  core.retries += 1;
  const certificates: Certificate[] = [];
  if (core.finalization !== undefined) certificates.push(core.finalization.certificate);
  const recent = [...core.rounds.values()].sort((a, b) => a.view < b.view ? 1 : -1).slice(0, REPEATED_ROUNDS);
  for (const { certificates: { notarize, nullify } } of recent) {
    if (notarize !== undefined) certificates.push(notarize);
    if (nullify !== undefined) certificates.push(nullify);
  }
  for (const certificate of certificates) core.effects.push({ kind: "broadcast_certificate", certificate });
  for (const { own, proposal, certificates: known } of recent) {
    const isProposal = own.notarize !== undefined && own.notarize === proposal;
    if (own.notarize !== undefined && known.notarize === undefined) {
      core.effects.push({ kind: isProposal ? "broadcast_proposal" : "broadcast_vote", vote: own.notarize });
    }
    if (own.nullify !== undefined && known.nullify === undefined) {
      core.effects.push({ kind: "broadcast_vote", vote: own.nullify });
    }
    if (own.finalize !== undefined) core.effects.push({ kind: "broadcast_vote", vote: own.finalize });
  }
  const { retryMs, maxMs } = core.options.timeouts;
  const afterMs = Math.min(maxMs, retryMs * 2 ** Math.min(core.retries, 10));
  core.effects.push({ kind: "set_timer", timer: { name: "retry", view: core.view }, afterMs });
}
