/**
 * The provider's signature under a proof: its own transaction, which submitted the run to the ledger. It binds the task, and by its id the
 * chain; the program; the run with the salts of its leaves; the last segment; and the metric. Whoever has it needs no node to know who
 * claimed what.
 *
 * @module
 */
import {
  decodeTransaction,
  hasValidSignature,
  type ReceivedTransaction,
  TransactionError,
} from "../chain/mod.ts";
import {
  type Address,
  equalBytes,
  type Hash,
  type Program,
  programId,
  saltCommitment,
  type SegmentOpening,
} from "../primitives/mod.ts";
import type { MetricOpening, SubmitResult } from "../audits/mod.ts";
import type { Task } from "../state/mod.ts";
import { refuse } from "./errors.ts";

/** What a proof says that its provider has signed. */
export interface SignedRun {
  readonly task: Hash;
  readonly provider: Address;
  readonly program: Program;
  readonly runRoot: Hash;
  readonly seed: Hash;
  readonly last: SegmentOpening;
  readonly metric: MetricOpening | null;
}

/** Which of a block's transactions submitted the result of a task; undefined if none did. */
export function submissionIn(
  transactions: readonly Uint8Array[],
  { id, result }: Task,
): Uint8Array | undefined {
  return transactions.find((encoded) => {
    const { sender, operation } = decodeTransaction(encoded).transaction;
    return operation.kind === "submit_result" && equalBytes(operation.task, id) && result !== null &&
      equalBytes(sender, result.provider) && equalBytes(operation.runRoot, result.runRoot);
  });
}

function read(encoded: Uint8Array): ReceivedTransaction {
  try {
    return decodeTransaction(encoded);
  } catch (thrown) {
    if (!(thrown instanceof TransactionError)) throw thrown;
    return refuse("not_signed", `${thrown.message} Ask for another proof.`);
  }
}

/**
 * What a transaction submits.
 *
 * @throws {ProofError} `not_signed` for another transaction, or none.
 */
export function submitted(encoded: Uint8Array): SubmitResult {
  const { operation } = read(encoded).transaction;
  if (operation.kind === "submit_result") return operation;
  return refuse("not_signed", "What the provider signed submits no result. Ask for another proof.");
}

/** Requires that a transaction of the provider, signed by it, submits the run. Throws {@link ProofError} `not_signed`. */
export function requireSigned(run: SignedRun, submission: Uint8Array): void {
  const received = read(submission), signed = submitted(submission);
  if (!equalBytes(received.sender, run.provider) || !hasValidSignature(received)) {
    refuse("not_signed", "The signature is not the provider's. Ask for another proof.");
  }
  const pairs: readonly (readonly [string, Hash, Hash])[] = [
    ["task", run.task, signed.task],
    ["program", programId(run.program), signed.program],
    ["run root", run.runRoot, signed.runRoot],
    ["commitment to the salts", saltCommitment(run.seed), signed.saltCommitment],
    ["last segment", run.last.root, signed.lastSegment.root],
  ];
  const differs = pairs.find(([, mine, theirs]) => !equalBytes(mine, theirs))?.[0] ??
    (run.metric?.value === signed.metric?.value ? undefined : "metric");
  if (differs === undefined) return;
  refuse("not_signed", `The provider has signed another ${differs} than the proof's. Ask for another proof.`);
}
