/**
 * Auditors' edges: what they commit to without having computed it.
 *
 * @module
 */
import type { LedgerClient, Node } from "../../../../actors/mod.ts";
import type { Executor } from "../../../../executor/mod.ts";
import type { Operation } from "../../../../ledger/mod.ts";
import { auditCommitment, type AuditFinding } from "../../../../ledger/audits/mod.ts";
import { bytesToHex, type Hash, programSegments, ZERO_HASH } from "../../../../ledger/primitives/mod.ts";
import { STAKE } from "../../market/stage.ts";
import type { TwistPowers } from "../../market/twist.ts";
import { changing } from "./operations.ts";

const LOOK_MS = 200;

/** Zeros are as good as any guess; only the root of the last segment is known to everybody from the commitment on. */
async function guess(
  own: LedgerClient,
  task: Hash,
  call: { readonly signal: AbortSignal },
): Promise<readonly AuditFinding[]> {
  const audit = await own.query("audit", task, call), known = await own.query("task", task, call);
  if (audit === undefined || known === undefined) return [];
  const last = programSegments(known.program) - 1;
  return audit.sampled.map(({ segment }) => ({
    output: segment === last ? known.result?.outputRoot ?? ZERO_HASH : ZERO_HASH,
    trace: ZERO_HASH,
  }));
}

/** Commits to guesses in place of findings, and reveals them. */
export function guessingFindings(own: LedgerClient): LedgerClient {
  const guesses = new Map<string, readonly AuditFinding[]>();
  const nonce = ZERO_HASH;
  return changing(own, async (operation, call): Promise<Operation> => {
    if (operation.kind === "audit_commit") {
      const { task } = operation;
      const attempt = (await own.query("audit", task, call))?.attempt ?? 0;
      const findings = await guess(own, task, call);
      guesses.set(bytesToHex(task), findings);
      const commitment = auditCommitment({ task, attempt, auditor: own.address, nonce, findings });
      return { ...operation, commitment };
    }
    const findings = operation.kind === "audit_reveal" ? guesses.get(bytesToHex(operation.task)) : undefined;
    return operation.kind === "audit_reveal" && findings !== undefined
      ? { ...operation, nonce, findings: [...findings] }
      : operation;
  });
}

/** Does not execute the segment of its own, which comes after the first that it executes in an audit, and makes up its roots. */
export function unexecutedOwn(own: Executor): Executor {
  let executed = 0;
  return {
    ...own,
    async steps(request, call) {
      const found = await own.steps(request, call);
      if (request.apart !== true || executed++ === 0) return found;
      return { ...found, roots: found.roots.map(() => ZERO_HASH) };
    },
    async unload(request, call) {
      executed = 0;
      await own.unload(request, call);
    },
  };
}

/** Commits to what another auditor of the result has committed to. */
export function copyingAudits(own: LedgerClient, { pause }: TwistPowers): LedgerClient {
  return changing(own, async (operation, call) => {
    if (operation.kind !== "audit_commit") return operation;
    while (true) {
      const audit = await own.query("audit", operation.task, call);
      const copied = audit?.seats.find(({ commitment }) => commitment !== null)?.commitment;
      if (copied) return { ...operation, commitment: copied };
      await pause(LOOK_MS, call.signal);
    }
  });
}

/** Stakes as a challenger when the first result is committed to: too late to be drawn for it, in time to dispute it. */
export async function stakeDuringAudit(
  { ledger }: Node,
  { pause }: TwistPowers,
  signal: AbortSignal,
): Promise<void> {
  while ((await ledger.query("tasks", { status: "auditing", limit: 1 }, { signal })).length === 0) {
    await pause(LOOK_MS, signal);
    signal.throwIfAborted();
  }
  await ledger.submit({ kind: "stake", role: "challenger", amount: STAKE }, { signal });
}
