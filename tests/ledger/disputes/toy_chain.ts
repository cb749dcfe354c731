/**
 * A chain without consensus, signatures and fees: blocks of operations on a real state, with every deadline firing and the whole supply
 * recounted after each block. One task of {@link PROGRAM} is posted and its result submitted.
 *
 * @module
 */
import { assertEquals } from "@std/assert/equals.js";
import {
  devParams,
  genesisState,
  type Operation,
  recountSupply,
  runOperation,
  UNITS_PER_TOKEN,
} from "../../../ledger/chain/mod.ts";
import { dueHandlers } from "../../../ledger/chain/due_handlers.ts";
import { type Audit, audits } from "../../../ledger/audits/mod.ts";
import { type Dispute, disputes } from "../../../ledger/disputes/mod.ts";
import {
  type Address,
  hash,
  openSegment,
  type Program,
  programId,
  programSegments,
  saltCommitment,
  saltedRunRoot,
  signerFromSeed,
  utf8,
  ZERO_HASH,
} from "../../../ledger/primitives/mod.ts";
import {
  accountOf,
  assertSupplyConserved,
  assignTask,
  createDraft,
  type LedgerEvent,
  type Params,
  type Role,
  runDue,
  stakeOf,
  type State,
  supplies,
  type Task,
  taskOf,
  totals,
} from "../../../ledger/state/mod.ts";
import { PROGRAM, SEED, type ToyRun } from "./toy_program.ts";

/** An account that is nobody's key. */
export function account(name: string): Address {
  return hash("test/account", utf8(name));
}

export const REQUESTER = account("requester");
/** The provider signs, where somebody looks at signatures. */
export const PROVIDER_KEY = signerFromSeed(hash("test/seed", utf8("provider")));
export const PROVIDER = PROVIDER_KEY.address;
export const CHALLENGER = account("challenger");
export const OTHER_CHALLENGER = account("other challenger");
/** More challengers than may dispute one result at a time. */
export const CROWD = Array.from({ length: 20 }, (_, i) => account(`challenger ${i}`));
/** Auditors prove which segments are their own. */
export const AUDITOR_KEYS = ["one", "two", "three"].map((name) =>
  signerFromSeed(hash("test/seed", utf8(`auditor ${name}`)))
);
export const AUDITORS = AUDITOR_KEYS.map(({ address }) => address);
export const ARBITERS = ["one", "two", "three", "four", "five"].map((name) => account(`arbiter ${name}`));

/** Whole tokens. */
export function tokens(count: number): bigint {
  return BigInt(count) * UNITS_PER_TOKEN;
}

export const VALIDATORS = ["one", "two", "three", "four"].map((name) => account(`validator ${name}`));

export const COLLATERAL = tokens(80);
export const REWARD = tokens(20);
const STAKES: Readonly<Record<Role, bigint>> = {
  validator: tokens(1000),
  provider: tokens(100),
  challenger: tokens(50),
  arbiter: tokens(50),
};
const BALANCE = tokens(100);

/** Why an operation was rejected, or null. */
export interface Applied {
  readonly rejected: string | null;
}

/** See the module. */
export interface ToyChain {
  readonly params: Params;
  /** The id of the one task. */
  readonly taskId: Uint8Array;
  height(): bigint;
  state(): State;
  /** Makes one block of operations; returns the code of each one's rejection, or null. */
  block(...operations: readonly (readonly [Address, Operation])[]): readonly (string | null)[];
  task(): Task;
  /** The audit of the task's result. */
  audit(): Audit;
  /** The latest dispute, or the one last turned to. */
  dispute(): Dispute;
  turnTo(id: Uint8Array): void;
  /** Events of all blocks so far. */
  events(): readonly LedgerEvent[];
  /** Opens a dispute of the task, which must succeed. */
  open(challenger?: Address): void;
  balance(address: Address): bigint;
  stake(role: Role, address: Address): bigint;
  burned(): bigint;
}

function genesis(params: Params, arbiters: number, auditors: number) {
  const staked: [Address, Role][] = [
    ...VALIDATORS.map((validator): [Address, Role] => [validator, "validator"]),
    [PROVIDER, "provider"],
    // With auditors of its own a chain has no other challengers: who is drawn is known.
    ...(auditors > 0 ? AUDITORS.slice(0, auditors) : [CHALLENGER, OTHER_CHALLENGER, ...CROWD])
      .map((challenger): [Address, Role] => [challenger, "challenger"]),
    // Parties with an arbiter's stake: they must never be drawn.
    ...[REQUESTER, PROVIDER, CHALLENGER].map((party): [Address, Role] => [party, "arbiter"]),
    ...ARBITERS.slice(0, arbiters).map((arbiter): [Address, Role] => [arbiter, "arbiter"]),
  ];
  return genesisState({
    network: "toy",
    symbol: "TOY",
    decimals: 9,
    params,
    accounts: [REQUESTER, PROVIDER, CHALLENGER, OTHER_CHALLENGER, ...CROWD, ...AUDITORS, ...ARBITERS].map((
      address,
    ) => ({
      address,
      balance: BALANCE,
    })),
    stakes: staked.map(([address, role]) => ({ address, role, amount: STAKES[role] })),
    validators: VALIDATORS.map((address) => ({ address, beaconKey: new Uint8Array() })),
  });
}

/** What differs from the default chain, and how many arbiters and auditors there are. */
export type ToySettings = Partial<Params> & {
  readonly arbiters?: number;
  readonly auditors?: number;
  readonly program?: Program;
};

/** A chain on which the provider has submitted `run`, and opened it: there are no auditors unless some are asked for. */
export function submittedRun(run: Pick<ToyRun, "segmentRoots">, options: ToySettings = {}): ToyChain {
  const chain = committedRun(run, options);
  while (chain.audit().stage === "draw") chain.block();
  assertEquals(
    chain.block([PROVIDER, { kind: "audit_open_outputs", task: chain.taskId, seed: SEED, outputs: [] }]),
    [null],
  );
  return chain;
}

/** A chain on which the provider has committed to `run`, of {@link PROGRAM} or of another program with the same graphs. */
export function committedRun(
  run: Pick<ToyRun, "segmentRoots">,
  { arbiters = ARBITERS.length, auditors = 0, program = PROGRAM, ...changes }: ToySettings = {},
): ToyChain {
  const params = devParams({
    auditorCount: auditors,
    certifierCount: 0, // committees have tests of their own
    roundBlocks: 5,
    challengeBlocks: 20,
    arbiterCommitBlocks: 6,
    arbiterRevealBlocks: 4,
    appealBlocks: 3,
    ...changes,
  });
  // Rules are tried under parameters that no genesis lets through, too.
  let state = genesis(devParams(), arbiters, auditors);
  let height = 0n;
  let latest: Uint8Array = ZERO_HASH;
  const happened: LedgerEvent[] = [];

  const inBlock = (
    work: (draft: ReturnType<typeof createDraft>, context: Parameters<typeof runDue>[1]) => void,
  ) => {
    height++;
    const draft = createDraft(state);
    const context = {
      chainId: ZERO_HASH,
      head: { height, epoch: 0n, beacon: hash("test/beacon", utf8(String(height - 1n))) },
      params,
      emit: (event: LedgerEvent) => void happened.push(event),
    };
    runDue(draft, context, dueHandlers);
    work(draft, context);
    assertSupplyConserved(draft);
    state = draft.commit();
    assertEquals(recountSupply(state), totals.get(state));
  };

  const block: ToyChain["block"] = (...operations) => {
    const codes: (string | null)[] = [];
    inBlock((draft, context) => {
      for (const [index, [sender, operation]] of operations.entries()) {
        const transaction = hash("test/transaction", utf8(`${height}/${index}`));
        const rejection = runOperation(draft, { ...context, sender, transaction }, operation);
        if (rejection === null && operation.kind === "open_dispute") latest = transaction;
        codes.push(rejection?.code ?? null);
      }
    });
    return codes;
  };

  assertEquals(
    block([PROVIDER, {
      kind: "publish_offer",
      engines: [program.engine],
      memoryMiB: 64,
      minReward: 1n,
      slots: 2,
    }], [
      REQUESTER,
      {
        kind: "post_task",
        title: "toy",
        program,
        manifest: ZERO_HASH,
        reward: REWARD,
        collateral: COLLATERAL,
        gain: 0n,
        auditSegments: 0,
        memoryMiB: 1,
        thresholdPpm: null,
        computeBlocks: 10,
      },
    ]),
    [null, null],
  );
  const taskId = hash("test/transaction", utf8("1/1"));
  inBlock((draft, context) => assignTask(draft, context, taskId, PROVIDER));
  const last = programSegments(program) - 1;
  assertEquals(
    block([PROVIDER, { kind: "accept_task", task: taskId }], [PROVIDER, {
      kind: "submit_result",
      task: taskId,
      program: programId(program),
      runRoot: saltedRunRoot(SEED, run.segmentRoots),
      saltCommitment: saltCommitment(SEED),
      lastSegment: openSegment(SEED, run.segmentRoots, last),
      metric: null,
    }]),
    [null, null],
  );

  const dispute = () => {
    const found = disputes.get(state, latest);
    if (found === undefined) throw new Error("no dispute was opened");
    return found;
  };
  return {
    params,
    taskId,
    height: () => height,
    state: () => state,
    block,
    task: () => taskOf(state, taskId),
    audit() {
      const found = audits.get(state, taskId);
      if (found === undefined) throw new Error("no result is audited");
      return found;
    },
    dispute,
    turnTo: (id) => {
      latest = id;
    },
    events: () => happened,
    open: (challenger = CHALLENGER) =>
      assertEquals(block([challenger, { kind: "open_dispute", task: taskId }]), [null]),
    balance: (address) => accountOf(state, address).balance,
    stake: (role, address) => stakeOf(state, role, address).amount,
    burned: () => supplies.get(state).burned,
  };
}
