/**
 * Verification: what a dispute costs the ledger and its arbiters.
 *
 * @module
 */
import { type Area, type Bench, inProcess } from "./bench.ts";
import { childContender } from "./child_contender.ts";
import { type DisputeCost, playDispute } from "./verification/dispute_cost.ts";
import { productProofBenches } from "./verification/product_proofs.ts";
import { NODES, STEPS } from "./verification/synthetic_run.ts";

/** About what the design says: descents of 16 to one of a run's segments, of its steps, of their nodes. */
const ROUNDS = 8;

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

/** See the module. */
export function verificationArea(): Area {
  let cost: DisputeCost | undefined;
  const played = () => cost ??= playDispute();
  return {
    name: "verification",
    summary:
      "a dispute from its opening to the verdict, played on a chain; one node executed alone; proofs of an exact product",
    benches: [
      disputeBench("rounds of a dispute", "rounds", ({ rounds }) => rounds, played, ROUNDS),
      disputeBench("transactions of a dispute", "transactions", ({ transactions }) => transactions, played),
      disputeBench("bytes on the ledger of a dispute", "bytes", ({ bytes }) => bytes, played),
      ...["MLP", "CNN", "char-LM"].flatMap((training) =>
        ["repops", "ort-strict"].map((engine) => arbitrationBench(training, engine))
      ),
      ...productProofBenches(),
    ],
  };
}
