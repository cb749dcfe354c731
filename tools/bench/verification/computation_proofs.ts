/**
 * The verifiable computation proof of a training run: how large it is, and what it costs to verify with so many sampled segments executed, against
 * computing the whole run again.
 *
 * @module
 */
import {
  blobSource,
  buildTrainingProgram,
  createLocalExecutor,
  type LoadedProgram,
  takeBlob,
  type Tensor,
} from "../../../executor/mod.ts";
import { createRepopsEngine } from "../../../executor/repops/mod.ts";
import { drawSegments } from "../../../ledger/audits/mod.ts";
import {
  encode,
  equalBytes,
  type Hash,
  hash,
  openSegments,
  programId,
  saltCommitment,
  saltedRunRoot,
  segmentInput,
  ZERO_HASH,
} from "../../../ledger/primitives/mod.ts";
import { encodeTransaction, type Operation, signTransaction } from "../../../ledger/chain/mod.ts";
import { ComputationProof, verifyComputation } from "../../../ledger/proofs/mod.ts";
import { ToolError } from "../../errors.ts";
import { type Bench, inProcess } from "../bench.ts";
import { signerOf } from "../ledger/chain.ts";
import { TRAININGS } from "../executor/trainings.ts";
import { processorSeconds } from "../repeat.ts";
import { SEED } from "./synthetic_run.ts";

/** Segments of the run, and steps of each: with 64 sampled half of the run is executed. */
const SEGMENTS = 128, SEGMENT_STEPS = 2;

/** How many are sampled. */
const SAMPLES = [1, 4, 16, 64];

/** For one run on a slow machine. */
const LIMIT_MS = 120_000;

const TASK = hash("assay/bench/task"), BEACON = hash("assay/bench/beacon");

interface Fixture {
  readonly program: LoadedProgram;
  readonly segmentRoots: readonly Hash[];
  /** Root of a segment, executed from the state that it starts from. */
  execute(segment: number): Promise<Hash>;
  /** Computes everything again. */
  rerun(): Promise<unknown>;
}

async function makeFixture(name: string): Promise<Fixture> {
  const training = TRAININGS[name]?.();
  if (training === undefined) throw new ToolError("failed", `There is no training "${name}".`);
  const engine = await createRepopsEngine(), limit = () => ({ signal: AbortSignal.timeout(LIMIT_MS) });
  const { manifestId, blobs } = buildTrainingProgram({
    ...training,
    engine,
    loss: "cross_entropy",
    steps: SEGMENTS * SEGMENT_STEPS,
    segmentSteps: SEGMENT_STEPS,
    seed: 1n,
  });
  const manifest = takeBlob(blobSource(blobs), manifestId, "the manifest");
  const executor = createLocalExecutor(engine);
  const program = await executor.load({ manifest, blobs }, limit());
  const { segmentRoots } = await executor.run({ program: program.id }, limit());
  const states = new Map<number, readonly Tensor[]>();
  return {
    program,
    segmentRoots,
    rerun: () => executor.run({ program: program.id }, limit()),
    execute: async (segment) => {
      const state = states.get(segment) ??
        (await executor.state({ program: program.id, segment }, limit())).tensors;
      states.set(segment, state); // an auditor gets it from the provider
      await executor.restore({ program: program.id, segment, state }, limit());
      const { roots } = await executor.steps({ program: program.id, segment }, limit());
      return roots.at(-1) ?? ZERO_HASH;
    },
  };
}

/** The proof of a run of which so many segments were drawn. Their traces stand for what an auditor reveals: nobody looks at them here. */
function proofOf({ program: { program }, segmentRoots }: Fixture, wanted: number): ComputationProof {
  const [last] = openSegments(SEED, segmentRoots, [segmentRoots.length - 1]);
  if (last === undefined) throw new ToolError("failed", "The run has no segments.");
  const samples = drawSegments(TASK, BEACON, segmentRoots.length, wanted).flatMap((segment) => {
    const source = segmentInput(program, segment);
    const indices = source.kind === "initial" ? [segment] : [segment, source.index];
    const [output, input] = openSegments(SEED, segmentRoots, indices);
    return output === undefined ? [] : [{ segment, input: input ?? null, output, trace: ZERO_HASH }];
  });
  const runRoot = saltedRunRoot(SEED, segmentRoots), provider = signerOf("provider");
  const operation: Operation = {
    kind: "submit_result",
    task: TASK,
    program: programId(program),
    runRoot,
    saltCommitment: saltCommitment(SEED),
    lastSegment: last,
    metric: null,
  };
  const signed = signTransaction(provider, { chainId: ZERO_HASH, nonce: 0n, expiry: 100n, operation });
  return {
    task: TASK,
    attempt: 0,
    provider: provider.address,
    program,
    runRoot,
    seed: SEED,
    last,
    metric: null,
    submittedAt: 1n,
    beacon: BEACON,
    drawnAt: 3n,
    wanted,
    samples,
    manifest: ZERO_HASH,
    submission: encodeTransaction(signed),
  };
}

async function verify(fixture: Fixture, proof: ComputationProof): Promise<void> {
  await verifyComputation(proof, {
    execute: async (segment) => ({ output: await fixture.execute(segment), trace: ZERO_HASH }),
  });
  if (!equalBytes(proof.last.root, fixture.segmentRoots.at(-1) ?? ZERO_HASH)) {
    throw new ToolError("failed", "The proof of the bench is of another run.");
  }
}

/** The benches, on one run that is made when the first of them is. */
export function computationProofBenches(training: string): readonly Bench[] {
  let made: Promise<Fixture> | undefined;
  const fixture = () => made ??= makeFixture(training);
  const timed = (work: (fixture: Fixture) => Promise<unknown>) =>
    inProcess(async () => {
      const ready = await fixture(), start = processorSeconds();
      await work(ready);
      return 1000 * (processorSeconds() - start);
    });
  const what = `of ${SEGMENTS} segments, ${training}`;
  const sizes: Bench = {
    name: `size of a computation proof, ${training}`,
    unit: "bytes",
    better: "less",
    entrants: Object.fromEntries(
      SAMPLES.map((k) => [
        `${k}`,
        inProcess(async () => encode(ComputationProof, proofOf(await fixture(), k)).length),
      ]),
    ),
    rows: SAMPLES.map((k) => ({ name: `size of the proof with ${k} ${what}`, ours: `${k}` })),
    rounds: 1,
  };
  const times: Bench = {
    name: `verification of a computation proof, ${training}`,
    unit: "ms",
    better: "less",
    entrants: {
      ...Object.fromEntries(
        SAMPLES.map((k) => [`${k}`, timed(async (ready) => await verify(ready, proofOf(ready, k)))]),
      ),
      "re-execution": timed((ready) => ready.rerun()),
    },
    rows: SAMPLES.map((k) => ({
      name: `verification with ${k} ${what}`,
      ours: `${k}`,
      peer: "re-execution",
    })),
    rounds: 3,
  };
  return [sizes, times];
}
