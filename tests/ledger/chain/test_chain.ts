/**
 * A chain of one proposer for tests: named accounts, one call for each block, the supply recounted after every one.
 *
 * @module
 */
import { assertEquals } from "@std/assert/equals.js";
import {
  blockHash,
  type BlockHeader,
  type BlockResult,
  chainIdOf,
  decodeTransaction,
  devParams,
  encodeTransaction,
  executeBlock,
  type Genesis,
  genesisState,
  type Operation,
  type Receipt,
  recountSupply,
  rejectionsOf,
  signTransaction,
  UNITS_PER_TOKEN,
} from "../../../ledger/chain/mod.ts";
import {
  type Address,
  hash,
  type Signer,
  signerFromSeed,
  utf8,
  ZERO_HASH,
} from "../../../ledger/primitives/mod.ts";
import {
  accountOf,
  epochOf,
  heads,
  type LedgerEvent,
  type Params,
  paramsInForce,
  type Role,
  type State,
  totals,
  validatorSetOf,
  validatorsHash,
} from "../../../ledger/state/mod.ts";

/** The account of a name: the same in every test. */
export function signerOf(name: string): Signer {
  return signerFromSeed(hash("assay/test/account", utf8(name)));
}

/** The address of a name. */
export function addressOf(name: string): Address {
  return signerOf(name).address;
}

/** Balance that every named account starts with. */
export const START = 10_000n * UNITS_PER_TOKEN;

/** Stake that every staked account starts with, on top. */
export const STAKE = 1_000n * UNITS_PER_TOKEN;

/** Accounts and their roles. */
const CAST: Readonly<Record<string, Role | null>> = {
  val1: "validator",
  val2: "validator",
  val3: "validator",
  alice: null,
  bob: null,
  prov1: "provider",
  prov2: "provider",
  prov3: "provider",
  chal1: "challenger",
  arb1: "arbiter",
  arb2: "arbiter",
  arb3: "arbiter",
};

/** Every named account with a balance at the start. */
export const NAMES: readonly string[] = Object.keys(CAST);

/** A genesis with everybody of the cast. Audits and committees have tests of their own: here there are none unless `auditorCount` or `certifierCount` is given. */
export function testGenesis(changes: Partial<Params> = {}): Genesis {
  const names = Object.entries(CAST);
  return {
    network: "test",
    symbol: "AIGENSYN",
    decimals: 9,
    params: devParams({ auditorCount: 0, certifierCount: 0, ...changes }),
    accounts: names.map(([name]) => ({ address: addressOf(name), balance: START })),
    stakes: names.flatMap(([name, role]) =>
      role === null ? [] : [{ address: addressOf(name), role, amount: STAKE }]
    ),
    validators: names.filter(([, role]) => role === "validator")
      .map(([name]) => ({ address: addressOf(name), beaconKey: new Uint8Array() })),
  };
}

/** See the module. */
export interface TestChain {
  readonly genesis: Genesis;
  readonly chainId: Uint8Array;
  /** The state after the last block. */
  state(): State;
  height(): bigint;
  /** The header of the next block, as far as execution depends on it. */
  header(): BlockHeader;
  /** Signs an operation with the account's nonce in the state, plus `ahead`. */
  sign(name: string, operation: Operation, ahead?: bigint): Uint8Array;
  /** A block of these transactions. */
  block(transactions?: readonly Uint8Array[]): BlockResult;
  /** A block of one operation; its receipt. */
  send(name: string, operation: Operation): Receipt;
  /** As `send`, and requires that it was accepted; the transaction's hash. */
  accept(name: string, operation: Operation): Uint8Array;
  /** Empty blocks. */
  advance(blocks: number): void;
  /** Events since the start. */
  readonly events: LedgerEvent[];
  /** Names of events since the start, about tasks and disputes if `id` is given. */
  kinds(id?: Uint8Array): readonly string[];
}

/** Starts a chain. The proposer of every block is val1. */
export function testChain(changes: Partial<Params> = {}): TestChain {
  const genesis = testGenesis(changes);
  const chainId = chainIdOf(genesis);
  let state = genesisState(genesis);
  let parent: Uint8Array = ZERO_HASH;
  const events: LedgerEvent[] = [];

  const header = (): BlockHeader => {
    const height = heads.get(state).height + 1n;
    const epoch = epochOf(paramsInForce.get(state), height);
    const set = validatorSetOf(state, epoch);
    if (set === undefined) throw new Error(`The test chain has no validators in epoch ${epoch}`);
    return {
      chainId,
      epoch,
      view: height,
      height,
      parent,
      parentView: height - 1n,
      proposer: addressOf("val1"),
      transactionsRoot: ZERO_HASH,
      stateRoot: ZERO_HASH,
      validatorsHash: validatorsHash(set),
      beaconSignature: new Uint8Array(),
    };
  };

  const chain: TestChain = {
    genesis,
    chainId,
    events,
    state: () => state,
    height: () => heads.get(state).height,
    header,
    sign(name, operation, ahead = 0n) {
      const signer = signerOf(name);
      const nonce = accountOf(state, signer.address).nonce + ahead;
      const expiry = heads.get(state).height + 100n;
      return encodeTransaction(signTransaction(signer, { chainId, nonce, expiry, operation }));
    },
    block(transactions = []) {
      const next = header();
      const result = executeBlock(state, { header: next, transactions });
      state = result.state;
      parent = blockHash(next);
      events.push(...result.events);
      assertDeclared(transactions, result.receipts);
      assertEquals(recountSupply(state), totals.get(state));
      return result;
    },
    send(name, operation) {
      const [receipt] = chain.block([chain.sign(name, operation)]).receipts;
      if (receipt === undefined) throw new Error("A block of one transaction gave no receipt");
      return receipt;
    },
    accept(name, operation) {
      const receipt = chain.send(name, operation);
      assertEquals(receipt.message, undefined);
      return receipt.hash;
    },
    advance(blocks) {
      for (let i = 0; i < blocks; i++) chain.block();
    },
    kinds: (id) =>
      events.filter(({ task, dispute }) =>
        id === undefined || [task, dispute].some((seen) => sameBytes(seen, id))
      )
        .map(({ kind }) => kind),
  };
  return chain;
}

/** Every rejection has a code that its operation declares. */
function assertDeclared(transactions: readonly Uint8Array[], receipts: readonly Receipt[]): void {
  for (const [i, { code }] of receipts.entries()) {
    if (code === undefined) continue;
    const { kind } = decodeTransaction(transactions[i] ?? new Uint8Array()).transaction.operation;
    const declared: readonly string[] = rejectionsOf(kind);
    assertEquals(declared.includes(code), true, `${kind} does not declare the rejection ${code}`);
  }
}

function sameBytes(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && a.length === b.length && a.every((byte, i) => byte === b[i]);
}
