import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { assertRejects } from "@std/assert/rejects.js";
import { assertThrows } from "@std/assert/throws.js";
import { Audit } from "../../../ledger/audits/mod.ts";
import {
  genesisCheckpoint,
  LightError,
  proven as lightProven,
  startLightClient,
} from "../../../ledger/light/mod.ts";
import {
  ComputationProof,
  computationProof,
  isRunOf,
  ProofError,
  type ProofErrorCode,
  recordKeys,
  recordsIn,
  type TaskRecords,
  verifyComputation,
} from "../../../ledger/proofs/mod.ts";
import { encodeTransaction, signTransaction } from "../../../ledger/chain/mod.ts";
import {
  decode,
  encode,
  equalBytes,
  type Hash,
  hash,
  openSegment,
  programId,
  saltCommitment,
  saltedRunRoot,
  signerFromSeed,
  ZERO_HASH,
} from "../../../ledger/primitives/mod.ts";
import { Task } from "../../../ledger/state/mod.ts";
import { findingOf, playAuditUntil } from "../audits/play.ts";
import { testGenesis } from "../chain/test_chain.ts";
import { committedRun, PROVIDER_KEY, type ToyChain } from "../disputes/toy_chain.ts";
import { PROGRAM, runProgram, SEED, tensor } from "../disputes/toy_program.ts";

const honest = runProgram();
const lie = runProgram({
  trace: (leaf, { phaseIndex, step }) =>
    phaseIndex === 0 && step === 0 && leaf.node === 2 ? { ...leaf, outputs: [tensor("x")] } : leaf,
});

/** A chain whose provider's run is audited and opened, and the proof of that run. */
function proven(run = honest): { chain: ToyChain; proof: ComputationProof; ledger: TaskRecords } {
  const chain = committedRun(run, { auditors: 2, auditSegments: 3 });
  playAuditUntil(chain, { provider: run }, "closed");
  const ledger = { task: chain.task(), audit: chain.audit() };
  return {
    chain,
    ledger,
    proof: computationProof(ledger, run.segmentRoots, submissionOf(run, chain.taskId)),
  };
}

/** What a provider sends to submit a run of the toy program. */
function submissionOf(
  { segmentRoots }: Pick<typeof honest, "segmentRoots">,
  task: Hash,
  key = PROVIDER_KEY,
): Uint8Array {
  return encodeTransaction(signTransaction(key, {
    chainId: ZERO_HASH,
    nonce: 0n,
    expiry: 100n,
    operation: {
      kind: "submit_result",
      task,
      program: programId(PROGRAM),
      runRoot: saltedRunRoot(SEED, segmentRoots),
      saltCommitment: saltCommitment(SEED),
      lastSegment: openSegment(SEED, segmentRoots, segmentRoots.length - 1),
      metric: null,
    },
  }));
}

/** Executes segments as an honest auditor does. */
function execute(segment: number) {
  return Promise.resolve(findingOf(honest, segment));
}

async function refused(work: () => Promise<unknown>): Promise<ProofErrorCode> {
  return (await assertRejects(work, ProofError)).code;
}

Deno.test("a proof is verified as far as the verifier can, which says what it could not", async () => {
  const { chain, proof, ledger } = proven();
  const read = decode(ComputationProof, encode(ComputationProof, proof));
  const alone = await verifyComputation(read);
  assertEquals([alone.checked.length, alone.unchecked.length], [3, 3]);
  const all = await verifyComputation(read, { ledger, execute });
  assertEquals([all.checked.length, all.unchecked.length], [5, 2]);
  while (chain.task().status !== "done") chain.block();
  const later = await verifyComputation(read, { ledger: { ...ledger, task: chain.task() }, execute });
  assertEquals(later.unchecked, ["the 4 segments that were not drawn"]);
});

Deno.test("whoever has run the program knows by the proof whether the provider has", () => {
  const { proof } = proven();
  assert(isRunOf(proof, honest.segmentRoots));
  assert(!isRunOf(proof, lie.segmentRoots));
});

Deno.test("a proof that is changed anywhere is refused", async () => {
  const { proof, ledger } = proven();
  const other = hash("test/other");
  const [first, ...rest] = proof.samples;
  if (first === undefined) throw new Error("something is sampled");
  const changed: readonly (readonly [ProofErrorCode, Partial<ComputationProof>])[] = [
    ["not_in_run", { runRoot: other }],
    ["not_in_run", { last: { ...proof.last, salt: other } }],
    ["not_in_run", { samples: [{ ...first, output: { ...first.output, root: other } }, ...rest] }],
    ["not_in_run", {
      samples: proof.samples.map((sample) => ({
        ...sample,
        input: sample.input === null ? first.output : null,
      })),
    }],
    ["wrong_sample", { samples: rest }],
    // Of six segments three apart are drawn in two ways only: another beacon drew the same.
    ["not_on_ledger", { beacon: other }],
    ["bad_metric", { metric: { value: 1n, name: "m", proof: proof.last.proof } }],
    ["not_signed", { seed: other }],
    ["not_signed", { provider: other }],
    ["not_signed", { task: other }],
    ["not_signed", { submission: proof.submission.with(-1, (proof.submission.at(-1) ?? 0) ^ 1) }],
    ["not_signed", { submission: proof.submission.slice(1) }],
    ["not_signed", { submission: submissionOf(lie, proof.task) }],
    ["not_signed", { submission: submissionOf(honest, proof.task, signerFromSeed(other)) }],
    ["not_on_ledger", { manifest: other }],
    ["not_on_ledger", { attempt: 2 }],
    ["not_on_ledger", { drawnAt: 1n }],
    ["not_signed", { program: { ...proof.program, engine: "other" } }],
    ["not_on_ledger", { samples: [] }],
  ];
  for (const [code, change] of changed) {
    const got = await refused(() => verifyComputation({ ...proof, ...change }, { ledger }));
    assertEquals([got, Object.keys(change)], [code, Object.keys(change)]);
  }
});

Deno.test("another run's proof, made with all the right openings, is not the ledger's", async () => {
  const { ledger } = proven();
  const forged = proven(lie).proof;
  assertEquals(await refused(() => verifyComputation(forged, { ledger })), "not_on_ledger");
});

Deno.test("executing the sampled segments finds a lie in them", async () => {
  const { proof, ledger } = proven(lie);
  assertEquals(await refused(() => verifyComputation(proof, { ledger, execute })), "wrong_result");
});

Deno.test("a light client that trusts a state root needs no node for the task's records", () => {
  const { chain, ledger } = proven();
  const state = chain.state(), keys = recordKeys(chain.taskId);
  const trusted = startLightClient(genesisCheckpoint(testGenesis(), 0n), 1_000n, 0n);
  const client = { ...trusted, stateRoot: state.root };
  const read = (values: readonly Uint8Array[]) =>
    recordsIn(chain.taskId, keys.map((key, i) => lightProven(client, key, values[i], state.prove(key))));
  const served = [encode(Task, ledger.task), encode(Audit, ledger.audit)];
  const records = read(served);
  assert(equalBytes(records?.task.id ?? ZERO_HASH, chain.taskId));
  assertEquals(records?.audit.sampled, ledger.audit.sampled);
  const forged = encode(Task, { ...ledger.task, attempt: 2 });
  assertThrows(() => read([forged, ...served.slice(1)]), LightError);
  assertEquals(recordsIn(chain.taskId, [undefined, undefined]), undefined);
});
