/**
 * Playing the audit of a toy run: the provider opens from what it committed to, auditors find what they think right.
 *
 * @module
 */
import { assertEquals } from "@std/assert/equals.js";
import type { Operation } from "../../../ledger/chain/mod.ts";
import {
  type Audit,
  auditCommitment,
  type AuditFinding,
  type AuditSeat,
  type AuditStage,
  auditTurn,
  examined,
  leavesOwn,
  ownSegmentInput,
  ownSegments,
  provenOwnSegment,
  segmentTrace,
} from "../../../ledger/audits/mod.ts";
import {
  type Address,
  encode,
  equalBytes,
  type Hash,
  hash,
  merkleRoot,
  openSegment,
  segmentInput,
  stateRoot,
  TraceLeaf,
  ZERO_HASH,
} from "../../../ledger/primitives/mod.ts";
import { AUDITOR_KEYS, AUDITORS, PROVIDER, type ToyChain } from "../disputes/toy_chain.ts";
import { PROGRAM, SEED, stepsOf, type ToyRun } from "../disputes/toy_program.ts";

/** Who plays from which run. */
export interface AuditPlayers {
  readonly provider: ToyRun;
  /** The run of an auditor; undefined: it stays away. Default: the provider's. */
  readonly auditor?: (auditor: Address) => ToyRun | undefined;
  /** Whether somebody moves at a stage. Default: always. */
  readonly moves?: (stage: AuditStage, by: Address) => boolean;
}

/** The nonce of an auditor: secret only in earnest. */
export function nonceOf(auditor: Address): Hash {
  return hash("test/nonce", auditor);
}

/** What a run comes to in one segment. */
export function findingOf(run: ToyRun, segment: number): AuditFinding {
  const steps = stepsOf(run, segment);
  const firstTrace = merkleRoot((steps[0]?.trace ?? []).map((leaf) => encode(TraceLeaf, leaf)));
  const output = run.segmentRoots[segment];
  if (output === undefined) throw new RangeError(`no segment ${segment}`);
  const stepsRoot = merkleRoot(steps.map((step) => stateRoot(step.output)));
  return { output, trace: segmentTrace(stepsRoot, firstTrace) };
}

/** The provider's opening of inputs. */
export function openInputs({ task, sampled }: Audit, run: ToyRun): Operation {
  const inputs = sampled.map(({ segment }) => {
    const source = segmentInput(PROGRAM, segment);
    return source.kind === "initial" ? null : openSegment(SEED, run.segmentRoots, source.index);
  });
  return { kind: "audit_open_inputs", task, inputs };
}

/** The provider's opening of everything. */
export function openOutputs(audit: Audit, run: ToyRun): Operation {
  const { task, sampled } = audit;
  const outputs = [...sampled.map(({ segment }) => segment), ...ownSegments(audit)].map((segment) => {
    const { root, proof } = openSegment(SEED, run.segmentRoots, segment);
    return { root, proof, trace: findingOf(run, segment).trace };
  });
  return { kind: "audit_open_outputs", task, seed: SEED, outputs };
}

/** The proof of an auditor's own segment, and which it is; null where all are sampled. */
export function ownOf(
  chain: ToyChain,
  auditor: Address,
): { proof: Uint8Array | null; segment: number | null } {
  const audit = chain.audit(), { program, result } = chain.task();
  if (!leavesOwn(audit, program) || result === null) return { proof: null, segment: null };
  const key = AUDITOR_KEYS.find(({ address }) => equalBytes(address, auditor));
  if (key === undefined) throw new RangeError("no auditor");
  const { task, attempt, beacon } = audit, { runRoot } = result;
  const proof = key.prove(ownSegmentInput({ chainId: ZERO_HASH, beacon, task, attempt, runRoot, auditor }));
  return { proof, segment: provenOwnSegment(audit, program, proof) };
}

/** What a run comes to in the segments that a seat is about. */
function findingsOf(audit: Audit, seat: AuditSeat, run: ToyRun): AuditFinding[] {
  return examined(audit, seat).map(({ segment }) => findingOf(run, segment));
}

/** An auditor's commitment to what a run comes to. */
export function commitTo(chain: ToyChain, auditor: Address, run: ToyRun): Operation {
  const audit = chain.audit(), { task, attempt } = audit, own = ownOf(chain, auditor);
  const seat = { auditor, commitment: null, findings: null, challenged: false, overturned: false };
  const findings = findingsOf(audit, { ...seat, own: own.segment }, run);
  const commitment = auditCommitment({ task, attempt, auditor, nonce: nonceOf(auditor), findings });
  return { kind: "audit_commit", task, commitment, own: own.proof };
}

/** An auditor's reveal. */
export function revealOf(chain: ToyChain, auditor: Address, run: ToyRun): Operation {
  const audit = chain.audit(), { task } = audit;
  const seat = audit.seats.find((each) => equalBytes(each.auditor, auditor));
  const findings = seat === undefined ? [] : findingsOf(audit, seat, run);
  return { kind: "audit_reveal", task, nonce: nonceOf(auditor), findings };
}

/** The moves that the audit awaits now. */
export function auditMoves(chain: ToyChain, players: AuditPlayers): [Address, Operation][] {
  const audit = chain.audit();
  return [PROVIDER, ...AUDITORS].flatMap((account): [Address, Operation][] => {
    const turn = auditTurn(audit, account);
    if (turn === undefined || players.moves?.(turn, account) === false) return [];
    if (turn === "open_inputs") return [[account, openInputs(audit, players.provider)]];
    if (turn === "open_outputs") return [[account, openOutputs(audit, players.provider)]];
    const run = players.auditor === undefined ? players.provider : players.auditor(account);
    if (run === undefined) return [];
    return [[account, (turn === "commit" ? commitTo : revealOf)(chain, account, run)]];
  });
}

/** Plays on until the audit is at a stage; every move must be accepted. */
export function playAuditUntil(chain: ToyChain, players: AuditPlayers, stage: AuditStage): Audit {
  for (let blocks = 0; chain.audit().stage !== stage; blocks++) {
    if (blocks > 500) throw new Error(`the audit hangs at ${chain.audit().stage}`);
    const moves = auditMoves(chain, players);
    assertEquals(chain.block(...moves), moves.map(() => null));
  }
  return chain.audit();
}
