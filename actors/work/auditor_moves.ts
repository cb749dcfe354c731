/**
 * What a drawn auditor does: executes the sampled segments from the states that the provider opened, and the one of its own from what it has by then,
 * commits to what comes out, reveals it later.
 *
 * Nonce and findings are noted before the commitment is sent: who could not reveal what it committed to would pay for it.
 *
 * It executes once. A machine that errs once costs its auditor the fine of a contradiction that is not disputed, no more: before it puts up a bond, and
 * risks stake, it computes again (see the challenger). A second execution before every commitment would cost each audit as much again.
 *
 * @module
 */
import {
  bytes32,
  bytesToHex,
  decode,
  encode,
  equalBytes,
  fixedBytes,
  formatAddress,
  type Hash,
  nullable,
  programSegments,
  record,
  segmentInput,
  stateRoot,
  tensorRoot,
  VRF_PROOF_BYTES,
} from "../../ledger/primitives/mod.ts";
import type { Operation, Task } from "../../ledger/mod.ts";
import {
  type Audit,
  auditCommitment,
  type AuditFinding,
  AuditFindings,
  leavesOwn,
  ownSegmentInput,
  provenOwnSegment,
  type SampledSegment,
} from "../../ledger/audits/mod.ts";
import type { LoadedProgram } from "../../executor/mod.ts";
import { ROLE } from "../roles.ts";
import { type Activity, ActorError } from "../runtime/mod.ts";
import { findingOf } from "./audit_findings.ts";
import { PartyAnswer, PartyQuestion } from "./party_protocol.ts";
import type { WorkPowers } from "./powers.ts";
import { fetchTensor } from "./tensors.ts";

/** Time for the provider to name the tensors of a state: it may have to compute it again. */
const STATE_MS = 60_000;

const Note = record("AuditNote", {
  nonce: bytes32,
  findings: AuditFindings,
  /** Proof of the own segment; null without one. */
  own: nullable(fixedBytes(VRF_PROOF_BYTES)),
});

function noteKey({ task, attempt }: Audit): string {
  return `audit/${bytesToHex(task)}/${attempt}`;
}

/** Hands the executor the opened state that a sampled segment starts from; the initial one it has. */
async function restoreInput(
  { executor, blobs }: WorkPowers,
  program: LoadedProgram,
  audit: Audit,
  { segment, input }: SampledSegment,
  activity: Activity,
): Promise<void> {
  if (segmentInput(program.program, segment).kind === "initial") return;
  const question = encode(PartyQuestion, { kind: "segment_state", task: audit.task, segment });
  const provider = { peer: formatAddress(audit.provider), role: ROLE.provider };
  const answer = decode(PartyAnswer, await activity.ask(provider, question, STATE_MS));
  if (answer.kind !== "segment_state") {
    throw new ActorError("bad_message", "The provider answered something else than was asked.");
  }
  const entries = answer.state.map(({ name, header }) => ({ name, root: tensorRoot(header) }));
  if (input === null || !equalBytes(stateRoot(entries), input)) {
    throw new ActorError("mismatch", "The provider served another state than the one that it opened.");
  }
  const call = { signal: activity.signal, from: [audit.provider] };
  const state = await Promise.all(
    answer.state.map(({ header }) => fetchTensor(blobs, tensorRoot(header), header, call)),
  );
  await executor.restore({ program: program.id, segment, state, apart: true }, { signal: activity.signal });
}

/**
 * Executes the sampled segments, and the own one right after the sampled one that it follows: it starts from what that left, or started from. Where the
 * provider does not serve an input, the auditor makes it: it takes longer, and nobody can be kept from auditing by silence.
 *
 * What the provider served may be a lie, and proper only for this audit: it is executed apart, and forgotten afterwards, else the next honest
 * result of the same program, or this node's own side of a dispute, would be told from it.
 */
async function audited(
  powers: WorkPowers,
  program: LoadedProgram,
  audit: Audit,
  own: number | null,
  activity: Activity,
): Promise<readonly AuditFinding[]> {
  const findings: AuditFinding[] = [], ownFindings: AuditFinding[] = [];
  const { executor } = powers, { signal } = activity;
  try {
    for (const sample of audit.sampled) {
      try {
        await restoreInput(powers, program, audit, sample, activity);
      } catch (thrown) {
        signal.throwIfAborted();
        activity.emit({
          kind: "warning",
          code: "unavailable",
          message: `The input of segment ${sample.segment} was not served, so it is computed: ${
            thrown instanceof Error ? thrown.message : String(thrown)
          }`,
        });
      }
      findings.push(await findingOf(executor, program, sample.segment, { signal }, true));
      if (own !== (sample.segment + 1) % programSegments(program.program)) continue;
      ownFindings.push(await findingOf(executor, program, own, { signal }, true));
    }
    return [...findings, ...ownFindings];
  } finally {
    // Also if the audit was called off: so not under its signal.
    const tidying = new AbortController();
    await executor.unload({ program: program.id, apart: true }, { signal: tidying.signal });
  }
}

/** The proof of which segment is this auditor's own; null where all are sampled. */
async function ownProof(
  { ledger }: WorkPowers,
  { program, result }: Task,
  audit: Audit,
  activity: Activity,
): Promise<Uint8Array | null> {
  if (!leavesOwn(audit, program) || result === null) return null;
  const { task, attempt, beacon } = audit, { runRoot } = result, { address: auditor } = ledger;
  const chainId = await ledger.query("chainId", null, activity);
  return await ledger.prove(
    ownSegmentInput({ chainId, beacon, task, attempt, runRoot, auditor }),
    activity,
  );
}

/** The operation that commits an auditor to its findings, which are made if they are not noted. One at a time for each program. */
export async function auditCommit(
  powers: WorkPowers,
  program: () => Promise<LoadedProgram>,
  task: Task,
  audit: Audit,
  activity: Activity,
): Promise<Operation> {
  const { id, attempt } = task, { address: auditor } = powers.ledger;
  const known = await powers.journal.get(noteKey(audit));
  let note = known === undefined ? undefined : decode(Note, known);
  if (note === undefined) {
    const own = await ownProof(powers, task, audit, activity);
    const segment = own === null ? null : provenOwnSegment(audit, task.program, own);
    const findings = await audited(powers, await program(), audit, segment, activity);
    note = { nonce: activity.random(32), findings: [...findings], own };
    await powers.journal.put(noteKey(audit), encode(Note, note));
  }
  const commitment = auditCommitment({ task: id, attempt, auditor, ...note });
  return { kind: "audit_commit", task: id, commitment, own: note.own };
}

/** The operation that reveals what an auditor committed to. Throws {@link ActorError} `unavailable` if its note is gone. */
export async function auditReveal({ journal }: WorkPowers, audit: Audit): Promise<Operation> {
  const note = await journal.get(noteKey(audit));
  if (note === undefined) {
    throw new ActorError(
      "unavailable",
      "The note of what was committed to is gone, so it cannot be revealed.",
    );
  }
  const { nonce, findings } = decode(Note, note);
  return { kind: "audit_reveal", task: audit.task, nonce, findings };
}

/** The seed of an opened result: the salts that everybody computes the run root with. Throws {@link ActorError} `refused` before. */
export function seedOf({ result }: Task): Hash {
  const seed = result?.seed ?? null;
  if (seed === null) throw new ActorError("refused", "The result is not opened yet: its audit goes on.");
  return seed;
}
