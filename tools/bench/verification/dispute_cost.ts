/**
 * What a dispute about a long run costs the ledger: played to its end with real transactions on a real chain, its arbiters knowing
 * the truth.
 *
 * @module
 */
import {
  type BlockResult,
  chainIdOf,
  devParams,
  encodeTransaction,
  executeBlock,
  type Genesis,
  genesisState,
  type Operation,
  queries,
  signTransaction,
  UNITS_PER_TOKEN,
} from "../../../ledger/chain/mod.ts";
import { arbiterCommitment, type DisputeTurn } from "../../../ledger/disputes/mod.ts";
import {
  type Hash,
  hash,
  openSegment,
  programId,
  saltCommitment,
  saltedRunRoot,
  type Signer,
  ZERO_HASH,
} from "../../../ledger/primitives/mod.ts";
import {
  accountOf,
  epochOf,
  heads,
  type Role,
  validatorSetOf,
  validatorsHash,
} from "../../../ledger/state/mod.ts";
import { ToolError } from "../../errors.ts";
import { signerOf } from "../ledger/chain.ts";
import { movesOf, turnOf } from "./party.ts";
import { CHEAT, disputedChunks, PROGRAM, SEED, STEPS, syntheticRun } from "./synthetic_run.ts";

/** What one dispute took. */
export interface DisputeCost {
  /** Questions and answers: splits by the provider. */
  readonly rounds: number;
  /** Transactions of all parties, arbiters included, and their bytes. */
  readonly transactions: number;
  readonly bytes: number;
  /** Blocks from the opening to the verdict and to the end, the appeal window included; each move is in the next block. */
  readonly blocksToVerdict: number;
  readonly blocks: number;
}

const ROLES: Readonly<Record<string, Role | null>> = {
  validator: "validator",
  requester: null,
  provider: "provider",
  challenger: "challenger",
  "arbiter 1": "arbiter",
  "arbiter 2": "arbiter",
  "arbiter 3": "arbiter",
  "arbiter 4": "arbiter",
  "arbiter 5": "arbiter",
};

/** On top of everybody's balance; the largest minimum of all roles. */
const STAKE = 1_000n * UNITS_PER_TOKEN;

/** Blocks after which something has gone wrong: a dispute takes one for each move, and waits for the draw and the deadlines of arbiters. */
const MOST_BLOCKS = 500;

function genesisOfRoles(): Genesis {
  const names = Object.entries(ROLES);
  return {
    network: "bench",
    symbol: "AIGENSYN",
    decimals: 9,
    params: devParams({ epochBlocks: 10_000, unbondingBlocks: 20_000, auditorCount: 0, certifierCount: 0 }),
    accounts: names.map(([name]) => ({ address: signerOf(name).address, balance: 10n * STAKE })),
    stakes: names.flatMap(([name, role]) =>
      role === null ? [] : [{ address: signerOf(name).address, role, amount: STAKE }]
    ),
    validators: [{ address: signerOf("validator").address, beaconKey: new Uint8Array() }],
  };
}

/** A chain of one proposer. */
function startChain() {
  const genesis = genesisOfRoles(), chainId = chainIdOf(genesis);
  const signers = new Map(Object.keys(ROLES).map((name) => [name, signerOf(name)]));
  let state = genesisState(genesis);

  const block = (transactions: readonly Uint8Array[]): BlockResult => {
    const height = heads.get(state).height + 1n, epoch = epochOf(genesis.params, height);
    const set = validatorSetOf(state, epoch);
    const header = {
      chainId,
      epoch,
      view: height,
      height,
      parentView: height - 1n,
      proposer: signerOf("validator").address,
      validatorsHash: set === undefined ? ZERO_HASH : validatorsHash(set),
      beaconSignature: new Uint8Array(),
    };
    const result = executeBlock(state, { header, transactions });
    state = result.state;
    for (const { ok, message } of result.receipts) {
      if (!ok) throw new ToolError("failed", `The chain of the bench rejected a move: ${message}`);
    }
    return result;
  };
  const sign = (signer: Signer, operation: Operation, ahead = 0n) => {
    const nonce = accountOf(state, signer.address).nonce + ahead;
    const expiry = heads.get(state).height + 100n;
    return encodeTransaction(signTransaction(signer, { chainId, nonce, expiry, operation }));
  };
  const named = (name: string): Signer => {
    const signer = signers.get(name);
    if (signer === undefined) throw new ToolError("failed", `The bench has no ${name}.`);
    return signer;
  };
  return {
    named,
    sign,
    block,
    signerAt: (address: Hash) =>
      [...signers.values()].find((signer) => signer.address.every((b, i) => b === address[i])),
    state: () => state,
    /** One operation in a block of its own. Returns its transaction's hash. */
    send: (name: string, operation: Operation): Hash =>
      block([sign(named(name), operation)]).receipts[0]?.hash ?? ZERO_HASH,
  };
}

type Chain = ReturnType<typeof startChain>;

/** A task whose result has been submitted by a cheat. */
function submittedTask(chain: Chain): Hash {
  const claimed = syntheticRun(true).segmentRoots, last = claimed.length - 1;
  chain.send("provider", {
    kind: "publish_offer",
    engines: [PROGRAM.engine],
    memoryMiB: 1024,
    minReward: 1n,
    slots: 1,
  });
  const task = chain.send("requester", {
    kind: "post_task",
    title: "bench",
    program: PROGRAM,
    manifest: ZERO_HASH,
    reward: 20n * UNITS_PER_TOKEN,
    collateral: 80n * UNITS_PER_TOKEN,
    gain: 0n,
    auditSegments: 0,
    memoryMiB: 1024,
    thresholdPpm: null,
    computeBlocks: 1_000,
  });
  chain.send("provider", { kind: "accept_task", task });
  chain.send("provider", {
    kind: "submit_result",
    task,
    program: programId(PROGRAM),
    runRoot: saltedRunRoot(SEED, claimed),
    saltCommitment: saltCommitment(SEED),
    lastSegment: openSegment(SEED, claimed, last),
    metric: null,
  });
  while (queries.audit(chain.state(), task)?.stage === "draw") chain.block([]);
  chain.send("provider", { kind: "audit_open_outputs", task, seed: SEED, outputs: [] });
  return task;
}

function arbiterMoves(
  chain: Chain,
  dispute: Hash,
  turn: Extract<DisputeTurn, { kind: "commit" | "reveal" }>,
): readonly Uint8Array[] {
  const verdict = turn.unit.kind === "chunk"
    ? disputedChunks(false)[turn.unit.chunk] ?? ZERO_HASH
    : ZERO_HASH;
  return turn.awaited.flatMap((arbiter) => {
    const signer = chain.signerAt(arbiter), salt = hash("assay/bench/salt", arbiter);
    if (signer === undefined) return [];
    const operation: Operation = turn.kind === "commit"
      ? {
        kind: "arbiter_commit",
        dispute,
        commitment: arbiterCommitment({ dispute, arbiter, salt, verdict }),
      }
      : { kind: "arbiter_reveal", dispute, salt, verdict };
    return [chain.sign(signer, operation)];
  });
}

/** Plays the dispute. The provider must lose it, at the node where it cheated. */
export function playDispute(): DisputeCost {
  const chain = startChain(), task = submittedTask(chain);
  const sides = { provider: syntheticRun(true), challenger: syntheticRun(false) };
  const opening = chain.sign(chain.named("challenger"), { kind: "open_dispute", task });
  const id = chain.block([opening]).receipts[0]?.hash ?? ZERO_HASH;
  let rounds = 0, transactions = 1, bytes = opening.length, blocksToVerdict = 0;
  for (let blocks = 0; blocks < MOST_BLOCKS; blocks++) {
    const dispute = queries.dispute(chain.state(), id);
    if (dispute === undefined) throw new ToolError("failed", "The dispute of the bench is gone.");
    const turn = turnOf(dispute);
    if (turn.kind === "closed") {
      const { guilty, node, chunk } = turn.outcome ?? {};
      if (guilty !== "provider" || node !== CHEAT.node || chunk !== CHEAT.chunk) {
        throw new ToolError(
          "failed",
          `The dispute of the bench ended wrongly, at node ${node}, chunk ${chunk}.`,
        );
      }
      return { rounds, transactions, bytes, blocksToVerdict, blocks };
    }
    if (turn.kind === "split") rounds++;
    if (turn.kind === "verdict" && blocksToVerdict === 0) blocksToVerdict = blocks;
    const moves = turn.kind === "commit" || turn.kind === "reveal"
      ? arbiterMoves(chain, id, turn)
      : turn.by === "provider" || turn.by === "challenger"
      ? movesOf(dispute, turn, sides[turn.by]).map((move, i) =>
        chain.sign(chain.named(turn.by), move, BigInt(i))
      )
      : [];
    transactions += moves.length;
    bytes += moves.reduce((sum, { length }) => sum + length, 0);
    chain.block(moves);
  }
  throw new ToolError("failed", `The dispute of the bench about ${STEPS} steps does not end.`);
}
