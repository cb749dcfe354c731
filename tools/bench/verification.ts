/**
 * Verification: what a dispute costs the ledger and its arbiters.
 *
 * @module
 */
import { type Area, type Bench, inProcess } from "./bench.ts";
import { childContender } from "./child_contender.ts";
import { computationProofBenches } from "./verification/computation_proofs.ts";
import { type DisputeCost, playDispute } from "./verification/dispute_cost.ts";
import { productProofBenches } from "./verification/product_proofs.ts";
import { NODES, STEPS } from "./verification/synthetic_run.ts";

/** Descents of 16 to one of a run's segments, of its steps, of their nodes: about 8, and 2 more to one of 256 chunks. */
const ROUNDS = 10;

/** Seconds of a block on a local network, for telling how long a dispute lasts; windows that nobody lets run out cost nothing. */
const BLOCK_SECONDS = 0.4;

/** Millionths of a run that one arbiter computes at most. */
const ARBITER_SHARE = 1;

/** A chunk of every node is executed before the costliest is known. */
const SHARE_DEADLINE_MS = 170_000;

/** A figure of one dispute, which is played once for all of them. */
function disputeBench(
  name: string,
  unit: string,
  figure: (cost: DisputeCost) => number,
  played: () => DisputeCost,
  target?: number,
): Bench {
  const row = { name: `${name}, ${STEPS} steps x ${NODES} nodes`, ours: "dispute" };
  return {
    name,
    unit,
    better: "less",
    entrants: { dispute: inProcess(() => figure(played())) },
    rows: [target === undefined ? row : { ...row, target }],
    rounds: 1,
  };
}

function arbitrationBench(training: string, engine: string): Bench {
  const name = `arbitration of the slowest node of a ${training} step, ${engine}`;
  return {
    name,
    unit: "ms",
    better: "less",
    entrants: {
      arbiter: childContender({
        module: new URL("verification/arbitration_child.ts", import.meta.url),
        args: [engine, training],
        permissions: ["--allow-read", "--allow-env", "--allow-sys"],
      }),
    },
    rows: [{ name, ours: "arbiter" }],
  };
}

/** Which chunk an arbiter is handed, and what of its work is counted. */
const SHARES = {
  costliest: "costliest chunk",
  median: "median chunk",
  execution: "execution of the costliest chunk, its inputs not hashed",
} as const;

function arbiterShareBench(training: string, which: keyof typeof SHARES): Bench {
  const name = `arbiter's ${SHARES[which]}, in millionths of ${STEPS} steps of ${training}, repops`;
  return {
    name,
    unit: "millionths",
    better: "less",
    entrants: {
      arbiter: childContender({
        module: new URL("verification/arbiter_share_child.ts", import.meta.url),
        args: [training, which],
        permissions: ["--allow-read", "--allow-env", "--allow-sys"],
      }),
    },
    rows: [{ name, ours: "arbiter", target: ARBITER_SHARE }],
    rounds: 3,
    deadlineMs: SHARE_DEADLINE_MS,
  };
}

/** A run with its proof takes at most a twentieth more than its bare steps. */
const PROVING_RATIO = 1 / 1.05;

function provingBench(training: string): Bench {
  const name = `a ${training} step with its proof against the bare step`;
  const entrant = (mode: string) =>
    childContender({
      module: new URL("verification/proving_child.ts", import.meta.url),
      args: [training, mode],
      permissions: ["--allow-read", "--allow-env", "--allow-sys"],
    });
  return {
    name,
    unit: "ms",
    better: "less",
    entrants: { proven: entrant("proven"), bare: entrant("bare") },
    rows: [{ name, ours: "proven", peer: "bare", target: PROVING_RATIO }],
  };
}

function screeningBench(): Bench {
  const name = "judging a claimed 1024^3 integer product, screened against computed again by onnxruntime-web";
  const entrant = (how: string) =>
    childContender({
      module: new URL("verification/screening_child.ts", import.meta.url),
      args: [how],
      permissions: ["--allow-read", "--allow-env", "--allow-sys"],
    });
  return {
    name,
    unit: "ms",
    better: "less",
    entrants: { screened: entrant("screened"), computed: entrant("computed") },
    rows: [{ name, ours: "screened", peer: "computed" }],
    rounds: 3,
  };
}

/** See the module. */
export function verificationArea(): Area {
  let cost: DisputeCost | undefined;
  const played = () => cost ??= playDispute();
  return {
    name: "verification",
    summary:
      "a dispute down to a chunk and the verdict, played on a chain; a chunk and a node executed alone; proofs of a run and of an exact product",
    benches: [
      disputeBench("rounds of a dispute", "rounds", ({ rounds }) => rounds, played, ROUNDS),
      disputeBench("transactions of a dispute", "transactions", ({ transactions }) => transactions, played),
      disputeBench("bytes on the ledger of a dispute", "bytes", ({ bytes }) => bytes, played),
      disputeBench(
        `seconds to the verdict at blocks of ${BLOCK_SECONDS} s`,
        "s",
        ({ blocksToVerdict }) => blocksToVerdict * BLOCK_SECONDS,
        played,
      ),
      disputeBench(
        `seconds to the end, the appeal window included`,
        "s",
        ({ blocks }) => blocks * BLOCK_SECONDS,
        played,
      ),
      // A step of some 900 nodes that takes seconds, and one of as many that takes some tens of milliseconds.
      ...["transformer", "char-LM"].flatMap((training) =>
        (["costliest", "median", "execution"] as const).map((which) => arbiterShareBench(training, which))
      ),
      ...["MLP", "CNN", "char-LM"].map(provingBench),
      ...computationProofBenches("MLP"),
      ...["MLP", "CNN", "char-LM"].flatMap((training) =>
        ["repops", "ort-strict"].map((engine) => arbitrationBench(training, engine))
      ),
      ...productProofBenches(),
      screeningBench(),
    ],
  };
}
