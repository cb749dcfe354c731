/**
 * Outcomes, counted and told.
 *
 * @module
 */
import { textTable } from "../terminal/table.ts";
import { LISTED_OPERATORS } from "./listed_operators.ts";
import { type NamedOutcome, UNKNOWN_OPERATOR } from "./outcome.ts";

/** A test that did not pass. */
export interface Complaint {
  readonly test: string;
  readonly operator: string;
  readonly reason: string;
}

/** Tests counted by what became of them. */
export interface Counts {
  readonly total: number;
  readonly passed: number;
  readonly failed: number;
  readonly refused: number;
}

/** What `--json` prints. */
export interface ConformanceReport {
  readonly engine: string;
  readonly total: number;
  readonly passed: number;
  readonly failed: readonly Complaint[];
  readonly refused: readonly Complaint[];
  /** A test counts for each operator of its model; one whose model cannot be read for `(model)`. */
  readonly byOperator: Readonly<Record<string, Counts>>;
  /** Tests all of whose operators are promised, whatever else keeps them from passing. */
  readonly listed: Counts;
}

function countsOf(outcomes: readonly NamedOutcome[]): Counts {
  const count = (kind: string) => outcomes.filter(({ outcome }) => outcome.kind === kind).length;
  return {
    total: outcomes.length,
    passed: count("passed"),
    failed: count("failed"),
    refused: count("refused"),
  };
}

function complaints(outcomes: readonly NamedOutcome[], kind: "failed" | "refused"): readonly Complaint[] {
  return outcomes.flatMap(({ test, outcome }) =>
    outcome.kind === kind ? [{ test, operator: outcome.operator, reason: outcome.reason }] : []
  );
}

/** Counts outcomes. */
export function makeReport(engine: string, outcomes: readonly NamedOutcome[]): ConformanceReport {
  const groups = new Map<string, NamedOutcome[]>();
  for (const named of outcomes) {
    const { operators } = named.outcome;
    for (const operator of operators.length > 0 ? operators : [UNKNOWN_OPERATOR]) {
      groups.set(operator, [...groups.get(operator) ?? [], named]);
    }
  }
  const names = [...groups.keys()].sort();
  const listed = outcomes.filter(({ outcome: { operators } }) =>
    operators.length > 0 && operators.every((operator) => LISTED_OPERATORS.has(operator))
  );
  return {
    engine,
    total: outcomes.length,
    passed: countsOf(outcomes).passed,
    failed: complaints(outcomes, "failed"),
    refused: complaints(outcomes, "refused"),
    byOperator: Object.fromEntries(names.map((name) => [name, countsOf(groups.get(name) ?? [])])),
    listed: countsOf(listed),
  };
}

/** A share in per cent, rounded down: 90 % means at least that. */
function percent(passed: number, total: number): string {
  return total === 0 ? "-" : `${Math.floor(passed / total * 1000) / 10} %`;
}

/** The report for people. */
export function tellReport(report: ConformanceReport): readonly string[] {
  const { engine, total, passed, failed, refused, byOperator, listed } = report;
  const rows = Object.entries(byOperator).map(([operator, counts]) => [
    operator,
    ...[counts.total, counts.passed, counts.failed, counts.refused].map((n) => n === 0 ? "" : String(n)),
  ]);
  const headings = ["tests", "passed", "failed", "refused"].map((heading) => ({
    heading,
    align: "right" as const,
  }));
  const told = (kind: string, list: readonly Complaint[]) =>
    list.length === 0
      ? []
      : ["", `${kind}:`, ...list.map(({ test, operator, reason }) => `  ${test} (${operator}): ${reason}`)];
  return [
    ...textTable([{ heading: "operator" }, ...headings], rows),
    ...told("refused", refused),
    ...told("failed", failed),
    "",
    `${engine}: ${total} tests, ${passed} passed (${
      percent(passed, total)
    }), ${failed.length} failed, ${refused.length} refused.`,
    `Of the ${listed.total} tests whose operators are all promised, ${listed.passed} passed (${
      percent(listed.passed, listed.total)
    }).`,
  ];
}
