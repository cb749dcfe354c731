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
  type AuditStage,
  auditTurn,
  segmentTrace,
} from "../../../ledger/audits/mod.ts";
import {
  type Address,
  encode,
  type Hash,
  hash,
  merkleRoot,
  openSegment,
  segmentInput,
  stateRoot,
  TraceLeaf,
} from "../../../ledger/primitives/mod.ts";
import { AUDITORS, PROVIDER, type ToyChain } from "../disputes/toy_chain.ts";
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
export function openOutputs({ task, sampled }: Audit, run: ToyRun): Operation {
  const outputs = sampled.map(({ segment }) => {
    const { root, proof } = openSegment(SEED, run.segmentRoots, segment);
    return { root, proof, trace: findingOf(run, segment).trace };
  });
  return { kind: "audit_open_outputs", task, seed: SEED, outputs };
}

/** An auditor's commitment to what a run comes to. */
export function commitTo({ task, attempt, sampled }: Audit, auditor: Address, run: ToyRun): Operation {
  const findings = sampled.map(({ segment }) => findingOf(run, segment));
  const nonce = nonceOf(auditor);
  return {
    kind: "audit_commit",
    task,
    commitment: auditCommitment({ task, attempt, auditor, nonce, findings }),
  };
}

/** An auditor's reveal. */
export function revealOf({ task, sampled }: Audit, auditor: Address, run: ToyRun): Operation {
  const findings = sampled.map(({ segment }) => findingOf(run, segment));
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
    return [[account, (turn === "commit" ? commitTo : revealOf)(audit, account, run)]];
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
