/**
 * Comparing what auditors found with what the provider opened.
 *
 * @module
 */
import { equalBytes, type Hash } from "../primitives/mod.ts";
import type { Audit, AuditFinding, AuditSeat } from "./records.ts";

function same(a: Hash | null | undefined, b: Hash | null | undefined): boolean {
  return a !== null && a !== undefined && b !== null && b !== undefined && equalBytes(a, b);
}

/** Whether findings name another root for a sampled segment than the provider opened. */
export function contradicts({ sampled }: Audit, findings: readonly AuditFinding[]): boolean {
  return sampled.some(({ output }, i) => !same(output, findings[i]?.output));
}

/** Whether findings name the root that the provider opened for a segment. */
export function agreesAt({ sampled }: Audit, findings: readonly AuditFinding[], segment: number): boolean {
  return sampled.some((sample, i) => sample.segment === segment && same(sample.output, findings[i]?.output));
}

/**
 * Whether somebody else has the same traces: the provider, or another auditor. Who has executed the segments has; and a provider that
 * opens false traces of true outputs, which no dispute is about, cannot keep two honest auditors from their pay by it.
 */
export function isVouchedFor({ sampled, seats }: Audit, seat: AuditSeat): boolean {
  return sampled.every((sample, i) => {
    const trace = seat.findings?.[i]?.trace;
    return same(sample.trace, trace) ||
      seats.some((other) => other !== seat && same(other.findings?.[i]?.trace, trace));
  });
}
