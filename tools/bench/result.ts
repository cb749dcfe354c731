/**
 * From measurements to the lines of a report.
 *
 * @module
 */
import type { Bench, Row } from "./bench.ts";
import type { Outcome } from "./measure.ts";
import { median, pairedRatio } from "./statistics.ts";

/** One line, in the form that `--json` prints. */
export interface Result {
  readonly name: string;
  /** Medians over the rounds, in `unit`; null where there is none. */
  readonly ours: number | null;
  readonly peer: number | null;
  readonly peerName: string | null;
  readonly unit: string;
  /** Ours against the peer's, more than 1 is better; null without a figure of either. */
  readonly ratio: number | null;
  /** What was promised: of the ratio, or of the figure where there is no peer; null where nothing was. */
  readonly target: number | null;
  /** Whether the target is reached; null without a target, or without the peer. */
  readonly met: boolean | null;
  /** Why a figure is missing. */
  readonly note: string | null;
}

/** Results of all rows of a bench. */
export function resultsOf(bench: Bench, outcomes: ReadonlyMap<string, Outcome>): readonly Result[] {
  return bench.rows.map((row) => resultOf(bench, row, outcomes));
}

function resultOf(bench: Bench, row: Row, outcomes: ReadonlyMap<string, Outcome>): Result {
  const ours = outcomes.get(row.ours), peer = row.peer === undefined ? undefined : outcomes.get(row.peer);
  const own = samplesOf(ours), other = samplesOf(peer);
  const ratio = own && other ? pairedRatio(own, other, bench.better) : null;
  const figure = own ? median(own) : null;
  return {
    name: row.name,
    ours: figure,
    peer: other ? median(other) : null,
    peerName: row.peer ?? null,
    unit: bench.unit,
    ratio,
    target: row.target ?? null,
    met: isMet(bench, row, figure, ratio),
    note: [noteOf(row.ours, ours), row.peer === undefined ? null : noteOf(row.peer, peer)]
      .find((note) => note !== null) ?? null,
  };
}

/** What we cannot show is not met; what the peer cannot is unknown. */
function isMet(bench: Bench, row: Row, figure: number | null, ratio: number | null): boolean | null {
  if (row.target === undefined) return null;
  if (figure === null) return false;
  if (row.peer !== undefined) return ratio === null ? null : ratio >= row.target;
  return bench.better === "more" ? figure >= row.target : figure <= row.target;
}

function samplesOf(outcome: Outcome | undefined): readonly number[] | undefined {
  return outcome?.kind === "measured" && outcome.samples.length > 0 ? outcome.samples : undefined;
}

function noteOf(name: string, outcome: Outcome | undefined): string | null {
  if (outcome === undefined) return `${name} unavailable: it is no entrant`;
  return outcome.kind === "unavailable" ? `${name} unavailable: ${outcome.reason}` : null;
}
