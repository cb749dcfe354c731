/**
 * The ledger: throughput, finality, the cost of blocks and proofs. In processor time of one core where it computes, in virtual time
 * where it waits.
 *
 * @module
 */
import { type Area, type Bench, inProcess, type OpenContender, type Row } from "./bench.ts";
import { childContender } from "./child_contender.ts";
import {
  beaconKeyChecks,
  blockCost,
  ownSegmentChecks,
  proofBytes,
  signatureChecks,
  transferChecks,
} from "./ledger/blocks.ts";
import { lightFollowing } from "./ledger/light.ts";
import { simulationSpeed } from "./ledger/simulation.ts";
import { finalityMs, transferThroughput } from "./ledger/throughput.ts";

/** A figure without a peer. */
function alone(
  name: string,
  unit: string,
  better: Bench["better"],
  entrant: OpenContender,
  options: { readonly target?: number; readonly rounds?: number } = {},
): Bench {
  const { target, rounds } = options;
  const row: Row = { name, ours: "ledger", ...(target === undefined ? {} : { target }) };
  return { name, unit, better, entrants: { ledger: entrant }, rows: [row], ...(rounds ? { rounds } : {}) };
}

const FEW = "1,000 accounts", MORE = "10,000 accounts", MANY = "100,000 accounts";
const MOST = "1,000,000 accounts";

/** The log factor between the smallest and the larger states, as a ratio: a path through the tree is that much longer. */
function logFactor(few: number, many: number): number {
  return Math.round(100 * Math.log(few) / Math.log(many)) / 100;
}

function byAccounts(
  name: string,
  unit: string,
  entrant: (accounts: number) => OpenContender,
  rounds?: number,
): Bench {
  return {
    name,
    unit,
    better: "less",
    entrants: {
      [FEW]: entrant(1_000),
      [MORE]: entrant(10_000),
      [MANY]: entrant(100_000),
      [MOST]: entrant(1_000_000),
    },
    rows: [
      { name: `${name}, ${FEW}`, ours: FEW },
      { name: `${name}, ${MORE}`, ours: MORE, peer: FEW, target: logFactor(1_000, 10_000) },
      { name: `${name}, ${MANY}`, ours: MANY, peer: FEW, target: logFactor(1_000, 100_000) },
      { name: `${name}, ${MOST}`, ours: MOST, peer: FEW, target: logFactor(1_000, 1_000_000) },
    ],
    ...(rounds === undefined ? {} : { rounds }),
  };
}

/** Whole nodes, with actors and a transport, on the clock. */
function wholeNodes(): Bench {
  const nodes = (kind: string): OpenContender =>
    childContender({
      module: new URL("ledger/validators_child.ts", import.meta.url),
      args: [kind],
      permissions: [
        "--allow-read",
        "--allow-env",
        "--allow-sys",
        "--allow-ffi",
        "--allow-net=127.0.0.1,0.0.0.0",
      ],
    });
  const name = "transfers finalized by whole nodes", memory = "in memory", webRtc = "WebRTC on loopback";
  return {
    name,
    unit: "1/s on the clock",
    better: "more",
    entrants: { [memory]: nodes("memory"), [webRtc]: nodes("webrtc") },
    rows: [
      { name: `${name}, memory`, ours: memory, target: TRANSFERS_PER_SECOND },
      { name: `${name}, WebRTC`, ours: webRtc },
    ],
    rounds: 3,
  };
}

/** The promise for four validators in one process on two cores; what is measured is one of them. */
const TRANSFERS_PER_SECOND = 2_000;

/** Three one-way delays of 50 ms, and 50 ms for everything else: one more delay, if the leader has to be told. */
const FINALITY_MS = 200;

/** See the module. */
export function ledgerArea(): Area {
  return {
    name: "ledger",
    summary: "4 validators in one thread over memory; blocks and proofs by the size of the state",
    benches: [
      alone("transfers finalized", "1/s of one core", "more", transferThroughput(false), {
        target: TRANSFERS_PER_SECOND,
      }),
      alone(
        "transfers finalized, signatures checked once",
        "1/s of one core",
        "more",
        transferThroughput(true),
        {
          target: TRANSFERS_PER_SECOND,
        },
      ),
      alone(
        "finality of what the leader is given, median",
        "ms",
        "less",
        inProcess(() => finalityMs("leader")),
        {
          target: FINALITY_MS,
          rounds: 1,
        },
      ),
      alone(
        "finality of what anybody is given, median",
        "ms",
        "less",
        inProcess(() => finalityMs("anybody")),
        {
          target: FINALITY_MS,
          rounds: 1,
        },
      ),
      wholeNodes(),
      alone("simulated time, 7 validators", "s/s", "more", simulationSpeed, { target: 100 }),
      byAccounts("block of 200 transfers", "ms", blockCost),
      byAccounts("proof of a balance", "bytes", (count) => inProcess(() => proofBytes(count)), 1),
      alone(
        "10,000 headers and 3 changes of validators followed by a light client",
        "s",
        "less",
        lightFollowing,
        {
          rounds: 2,
        },
      ),
      alone("signatures checked", "1/s", "more", signatureChecks),
      {
        name: "weight of proofs checked",
        unit: "1/s",
        better: "more",
        entrants: { "an auditor's own segment": ownSegmentChecks, "beacon key": beaconKeyChecks },
        rows: [{
          name: "weight of proofs checked, an auditor's own segment",
          ours: "an auditor's own segment",
          peer: "beacon key",
          target: 1,
        }],
      },
      alone("transfers read and checked", "1/s", "more", transferChecks),
    ],
  };
}
