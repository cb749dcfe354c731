/**
 * Results as a table for people and as JSON for programs.
 *
 * @module
 */
import { textTable } from "../terminal/table.ts";
import type { Result } from "./result.ts";

/** What `--json` prints. */
export interface Report {
  readonly seconds: number;
  readonly results: readonly Result[];
}

const right = "right" as const;

const COLUMNS = [
  { heading: "" },
  { heading: "ours", align: right },
  { heading: "peer", align: right },
  { heading: "unit" },
  { heading: "against" },
  { heading: "ratio", align: right },
  { heading: "target", align: right },
  { heading: "" },
];

/** Lines of a table of results, and below it why figures are missing. */
export function resultTable(results: readonly Result[]): readonly string[] {
  const notes = new Set(results.flatMap(({ note }) => note === null ? [] : [note]));
  return [...textTable(COLUMNS, results.map(cellsOf)), ...notes];
}

function cellsOf({ name, ours, peer, unit, peerName, ratio, target, met, note }: Result): readonly string[] {
  return [
    name,
    shown(ours),
    shown(peer),
    unit,
    peerName ?? "",
    ratio === null ? "" : `${ratio.toFixed(2)}x`,
    target === null ? "" : peerName === null ? shown(target) : `${target}x`,
    note !== null ? "unavailable" : met === null ? "" : met ? "met" : "BELOW TARGET",
  ];
}

/** Three significant digits, or all digits of large numbers; nothing for nothing. */
function shown(figure: number | null): string {
  if (figure === null) return "";
  if (figure >= 1000) return Math.round(figure).toLocaleString("en");
  return String(Number(figure.toPrecision(3)));
}

/** One line that sums a report up. */
export function summaryLine({ results, seconds }: Report): string {
  const promised = results.filter(({ target }) => target !== null);
  const met = promised.filter((result) => result.met === true).length;
  const missing = results.filter(({ note }) => note !== null).length;
  const unavailable = missing === 0 ? "" : `, ${missing} with something unavailable`;
  return `${results.length} figures in ${
    seconds.toFixed(0)
  } s; ${met} of ${promised.length} targets met${unavailable}`;
}
