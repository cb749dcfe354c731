/**
 * The segment that an auditor checks besides those sampled: which one is its key's to say, and nobody's to choose.
 *
 * Its verifiable random function picks one of the sampled segments, and its own is the one that follows, the first again after the last. Drawn on the
 * circle, every segment follows a sampled one with the chance `k/n`, so each is an auditor's own with the chance `1/n`, and never
 * sampled as well, since no two of those are neighbours. And it starts from what the auditor has at hand: the output of the sampled one,
 * which it has computed, or a state that this one started from too, or the initial one. So it asks nobody for anything, and its
 * choice is its secret until it has committed to what it found; nor does it execute more than one segment for it.
 *
 * @module
 */
import {
  type Address,
  type Hash,
  hash,
  type Program,
  programSegments,
  segmentInput,
  vrfOutput,
  vrfOutputOf,
} from "../primitives/mod.ts";
import type { Audit, AuditSeat, SampledSegment } from "./records.ts";

/** What an auditor's key is asked. */
export interface OwnSegmentInput {
  readonly chainId: Hash;
  /** The beacon that drew the samples: nobody knew it when the keys were staked and the result committed to. */
  readonly beacon: Hash;
  readonly task: Hash;
  readonly attempt: number;
  /** The result, as committed to. */
  readonly runRoot: Hash;
  readonly auditor: Address;
}

/** The input of the auditor's verifiable random function. */
export function ownSegmentInput(input: OwnSegmentInput): Hash {
  const { chainId, beacon, task, attempt, runRoot, auditor } = input;
  const which = new Uint8Array(4);
  new DataView(which.buffer).setUint32(0, attempt);
  return hash("assay/own-segment", chainId, beacon, task, which, runRoot, auditor);
}

/** Whether an audit leaves a segment to choose: not if all are sampled. */
export function leavesOwn({ sampled }: Pick<Audit, "sampled">, program: Program): boolean {
  return sampled.length > 0 && sampled.length < programSegments(program);
}

function picked({ sampled }: Pick<Audit, "sampled">, program: Program, output: Uint8Array): number {
  // 64 bits, reduced to a number of samples: the bias is below 2^-57.
  const lot = new DataView(output.buffer, output.byteOffset).getBigUint64(0);
  const { segment = 0 } = sampled[Number(lot % BigInt(sampled.length))] ?? {};
  return (segment + 1) % programSegments(program);
}

/** The own segment that a proof shows; undefined if it shows none. There must be one, see {@link leavesOwn}. */
export function shownOwnSegment(
  audit: Pick<Audit, "sampled">,
  program: Program,
  input: OwnSegmentInput,
  proof: Uint8Array,
): number | undefined {
  const output = vrfOutput(input.auditor, ownSegmentInput(input), proof);
  return output === undefined ? undefined : picked(audit, program, output);
}

/** The own segment of a proof that is known to be valid. */
export function provenOwnSegment(
  audit: Pick<Audit, "sampled">,
  program: Program,
  proof: Uint8Array,
): number {
  return picked(audit, program, vrfOutputOf(proof));
}

/** Segments that auditors who committed have chosen, ascending, each once. */
export function ownSegments({ seats }: Pick<Audit, "seats">): readonly number[] {
  const chosen = new Set(seats.flatMap(({ own }) => own === null ? [] : [own]));
  return [...chosen].sort((a, b) => a - b);
}

/** What a seat is about, in the order of its findings: the sampled segments, then its own. */
export function examined({ sampled, own }: Audit, seat: AuditSeat): readonly SampledSegment[] {
  if (seat.own === null) return sampled;
  const opened = own.find(({ segment }) => segment === seat.own);
  return [...sampled, opened ?? { segment: seat.own, input: null, output: null, trace: null }];
}

/**
 * Whether what comes out of a segment was public before auditors committed: of the last one it is from the start, of one whose output is the
 * input of a sampled one since that was opened, and in a later attempt all may be, opened by an earlier provider. Agreeing with it is then
 * no sign of having executed it.
 */
export function wasPublic(
  program: Program,
  { attempt, sampled }: Pick<Audit, "attempt" | "sampled">,
  segment: number,
): boolean {
  if (attempt > 1 || segment === programSegments(program) - 1) return true;
  return sampled.some((sample) => {
    const source = segmentInput(program, sample.segment);
    return source.kind === "segment" && source.index === segment;
  });
}
