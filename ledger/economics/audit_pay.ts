/**
 * What an auditor is paid for a segment: a share of what the provider is paid for it, as it does the same work.
 *
 *     pay of a segment = max(auditPay, auditSharePpm x reward / segments)
 *
 * A provider takes a task only if the reward covers what computing costs it, so the reward bounds what a segment costs, and a share of it
 * covers what auditing costs wherever computing costs no more than that share. `auditPay` is the least: what an auditor's transactions cost, however
 * small the segment.
 *
 * It follows the reward as posted and is a term of the task: a reward that is raised later raises nobody's cost.
 *
 * @module
 */
import { type Params, PPM } from "../state/params.ts";

/** Segments that one auditor executes: those sampled, and one of its own where that leaves any. */
export function examinedSegments(
  { segments, sampled }: { readonly segments: number; readonly sampled: number },
): number {
  return sampled > 0 && sampled < segments ? sampled + 1 : sampled;
}

/** The pay of one auditor for one segment that it executes, rounded up. */
export function auditPayOf(
  { pay, segments }: {
    /** Paid to the provider for all segments, of which there is at least one. */
    readonly pay: bigint;
    readonly segments: number;
  },
  { auditPay, auditSharePpm }: Pick<Params, "auditPay" | "auditSharePpm">,
): bigint {
  const whole = PPM * BigInt(segments);
  const share = (pay * BigInt(auditSharePpm) + whole - 1n) / whole;
  return share > auditPay ? share : auditPay;
}
