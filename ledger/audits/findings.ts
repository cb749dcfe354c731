/**
 * Comparing what auditors found with what the provider opened.
 *
 * @module
 */
import { equalBytes, type Hash, type Program } from "../primitives/mod.ts";
import { examined, wasPublic } from "./own_segment.ts";
import type { Audit, AuditFinding, AuditSeat } from "./records.ts";

function same(a: Hash | null | undefined, b: Hash | null | undefined): boolean {
  return a !== null && a !== undefined && b !== null && b !== undefined && equalBytes(a, b);
}

/** Whether what an auditor revealed names another root for a segment than the provider opened; not if it has revealed nothing. */
export function contradicts(audit: Audit, seat: AuditSeat): boolean {
  const { findings } = seat;
  return findings !== null &&
    examined(audit, seat).some(({ output }, i) => !same(output, findings[i]?.output));
}

/** Whether what an auditor revealed names the root that the provider opened for a segment. */
export function agreesAt(audit: Audit, seat: AuditSeat, segment: number): boolean {
  return examined(audit, seat).some((each, i) =>
    each.segment === segment && same(each.output, seat.findings?.[i]?.output)
  );
}

/** What an auditor revealed of a segment; undefined if nothing. */
function findingAt(audit: Audit, seat: AuditSeat, segment: number): AuditFinding | undefined {
  return seat.findings?.[examined(audit, seat).findIndex((each) => each.segment === segment)];
}

/** Whether somebody else has the same trace of a segment: the provider, or another auditor. */
function isTraceKnown(audit: Audit, seat: AuditSeat, segment: number): boolean {
  const trace = findingAt(audit, seat, segment)?.trace;
  return same(examined(audit, seat).find((each) => each.segment === segment)?.trace, trace) ||
    audit.seats.some((other) => other !== seat && same(findingAt(audit, other, segment)?.trace, trace));
}

/**
 * Whether somebody else has the same traces of the sampled segments. Who has executed them has; and a provider that opens false traces of true
 * outputs, which no dispute is about, cannot keep two honest auditors from their pay by it.
 */
export function isVouchedFor(audit: Audit, seat: AuditSeat): boolean {
  return audit.sampled.every(({ segment }) => isTraceKnown(audit, seat, segment));
}

/**
 * Whether an auditor has executed its own segment: it found a root that it could not know otherwise. Where it could, its trace
 * tells, as of the sampled ones; so only there, and for this one segment, a false trace of the provider's costs it something.
 */
export function isOwnVouchedFor(audit: Audit, seat: AuditSeat, program: Program): boolean {
  return seat.own !== null && (!wasPublic(program, audit, seat.own) || isTraceKnown(audit, seat, seat.own));
}
