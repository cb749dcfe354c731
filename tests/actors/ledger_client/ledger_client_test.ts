import { assertEquals } from "@std/assert/equals.js";
import { assertRejects } from "@std/assert/rejects.js";
import {
  ActorError,
  LedgerAnswer,
  type LedgerClient,
  LedgerQuestion,
  makeLedgerClient,
} from "../../../actors/mod.ts";
import {
  chainIdOf,
  decodeTransaction,
  devParams,
  executeBlock,
  type Genesis,
  genesisState,
  type Receipt,
  type State,
  UNITS_PER_TOKEN,
} from "../../../ledger/mod.ts";
import { heads, validatorSetOf, validatorsHash } from "../../../ledger/state/mod.ts";
import { bytesToHex, decode, encode, type Signer, signerFromSeed } from "../../../ledger/primitives/mod.ts";
import { makeVirtualTimers, type VirtualTimers } from "../virtual_timers.ts";

const ME = signerFromSeed(new Uint8Array(32).fill(1));
const VALIDATOR = signerFromSeed(new Uint8Array(32).fill(2));
const OTHER = signerFromSeed(new Uint8Array(32).fill(3));

const GENESIS: Genesis = {
  network: "client test",
  symbol: "T",
  decimals: 9,
  params: devParams(),
  accounts: [ME, VALIDATOR].map(({ address }) => ({ address, balance: 1000n * UNITS_PER_TOKEN })),
  stakes: [{ address: VALIDATOR.address, role: "validator", amount: 1000n * UNITS_PER_TOKEN }],
  validators: [{ address: VALIDATOR.address, beaconKey: new Uint8Array() }],
};

/** A validator in a test's hands: it answers from a real state, and makes a block when it is told to. */
class FakeValidator {
  state: State = genesisState(GENESIS);
  since = 1n;
  pool: Uint8Array[] = [];
  readonly receipts = new Map<string, { readonly height: bigint; readonly receipt: Receipt }>();
  /** Errors that the next questions of a kind meet. */
  readonly failures: { readonly kind: LedgerQuestion["kind"]; readonly error: Error }[] = [];
  readonly submitted: string[] = [];
  #waiting: { readonly hash: string; readonly answer: (bytes: Uint8Array) => void }[] = [];

  ask(body: Uint8Array): Promise<Uint8Array> {
    const question = decode(LedgerQuestion, body);
    const failing = this.failures.findIndex(({ kind }) => kind === question.kind);
    const [failure] = failing < 0 ? [] : this.failures.splice(failing, 1);
    if (failure !== undefined) return Promise.reject(failure.error);
    const reply = (answer: LedgerAnswer) => Promise.resolve(encode(LedgerAnswer, answer));
    switch (question.kind) {
      case "read": {
        const { height } = heads.get(this.state);
        const values = question.keys.map((key) => this.state.get(key) ?? null);
        return reply({ kind: "values", height, chainId: chainIdOf(GENESIS), values });
      }
      case "submit": {
        const { hash } = decodeTransaction(question.transaction);
        this.submitted.push(bytesToHex(hash));
        this.pool = [question.transaction];
        return reply({ kind: "taken", hash });
      }
      case "receipt": {
        const known = this.receipts.get(bytesToHex(question.hash));
        if (known !== undefined) return reply({ kind: "receipt", receipt: finalOf(known) });
        if (!question.wait) return reply({ kind: "none", since: this.since });
        return new Promise((answer) => this.#waiting.push({ hash: bytesToHex(question.hash), answer }));
      }
      case "replica":
        return Promise.reject(new RangeError("A client asks no replica"));
    }
  }

  /** Forgets who waits, and the receipts of all blocks so far. */
  restart(): void {
    this.#waiting = [];
    this.receipts.clear();
    this.since = heads.get(this.state).height + 1n;
  }

  /** A block of the waiting transaction, or of others. */
  makeBlock(transactions: readonly Uint8Array[] = this.pool): void {
    const { height } = heads.get(this.state);
    const set = validatorSetOf(this.state, 0n);
    if (set === undefined) throw new RangeError("The first epoch has a validator set");
    const header = {
      chainId: chainIdOf(GENESIS),
      epoch: 0n,
      view: height + 1n,
      height: height + 1n,
      parentView: height,
      proposer: VALIDATOR.address,
      validatorsHash: validatorsHash(set),
      beaconSignature: new Uint8Array(),
    };
    const result = executeBlock(this.state, { header, transactions });
    this.state = result.state;
    this.pool = [];
    for (const receipt of result.receipts) {
      const known = { height: header.height, receipt };
      this.receipts.set(bytesToHex(receipt.hash), known);
      for (const { hash, answer } of this.#waiting) {
        if (hash === bytesToHex(receipt.hash)) {
          answer(encode(LedgerAnswer, { kind: "receipt", receipt: finalOf(known) }));
        }
      }
    }
  }
}

function finalOf({ height, receipt }: { readonly height: bigint; readonly receipt: Receipt }) {
  const { ok, code = "", message = "", fee } = receipt;
  return { height, ok, code, message, fee };
}

interface Bench {
  readonly validator: FakeValidator;
  readonly timers: VirtualTimers;
  readonly client: LedgerClient;
  readonly call: { readonly signal: AbortSignal };
}

/** Questions that are not answered time out as a node's would. */
function setUp(signer: Signer = ME): Bench {
  const validator = new FakeValidator();
  const timers = makeVirtualTimers();
  const client = makeLedgerClient({
    signer,
    timers,
    expiryBlocks: 3,
    ask: (body, timeoutMs) =>
      Promise.race([
        validator.ask(body),
        new Promise<never>((_, reject) =>
          timers.after(timeoutMs, () => reject(new ActorError("timed_out", "The validator is slow.")))
        ),
      ]),
  });
  return { validator, timers, client, call: { signal: new AbortController().signal } };
}

const pay = (amount: bigint) => ({ kind: "transfer", to: OTHER.address, amount } as const);
const balance = ({ client, call }: Bench) =>
  client.query("account", OTHER.address, call).then((account) => account.balance);

Deno.test("an operation is done once it is final, and its hash is that of the transaction", async () => {
  const bench = setUp();
  const done = bench.client.submit(pay(5n), bench.call);
  await bench.timers.settle();
  bench.validator.makeBlock();
  const { hash, height, fee } = await done;
  assertEquals([bytesToHex(hash), height], [bench.validator.submitted[0], 1n]);
  assertEquals(await balance(bench), 5n);
  const { balance: left } = await bench.client.query("account", ME.address, bench.call);
  assertEquals(left, 1000n * UNITS_PER_TOKEN - 5n - fee);
});

Deno.test("a rejection of the ledger is a typed error with the ledger's code", async () => {
  const bench = setUp();
  const rejected = assertRejects(() => bench.client.submit(pay(10n ** 15n), bench.call), ActorError);
  await bench.timers.settle();
  bench.validator.makeBlock();
  const error = await rejected;
  assertEquals(error.code, "rejected");
  assertEquals(typeof error.fields.rejection, "string");
});

Deno.test("a validator that is full or slow is asked again, with the same transaction", async () => {
  const bench = setUp();
  bench.validator.failures.push({ kind: "submit", error: new ActorError("mailbox_full", "Later.") });
  const done = bench.client.submit(pay(5n), bench.call);
  await bench.timers.advance(20_000);
  bench.validator.makeBlock();
  await done;
  assertEquals(new Set(bench.validator.submitted).size, 1);
  assertEquals(await balance(bench), 5n);
});

Deno.test("operations of one client wait for each other and never share a number", async () => {
  const bench = setUp();
  const both = [bench.client.submit(pay(1n), bench.call), bench.client.submit(pay(2n), bench.call)];
  await bench.timers.settle();
  bench.validator.makeBlock();
  await bench.timers.settle();
  bench.validator.makeBlock();
  const [first, second] = await Promise.all(both);
  assertEquals([first?.height, second?.height], [1n, 2n]);
  assertEquals(await balance(bench), 3n);
});

Deno.test("an operation whose number somebody else took is signed anew, and done once", async () => {
  const bench = setUp();
  const elsewhere = setUp();
  elsewhere.validator.state = bench.validator.state;
  const theirs = elsewhere.client.submit(pay(100n), elsewhere.call);
  await elsewhere.timers.settle();
  const mine = bench.client.submit(pay(5n), bench.call);
  await bench.timers.settle();
  bench.validator.makeBlock(elsewhere.validator.pool);
  await bench.timers.advance(6000);
  bench.validator.makeBlock();
  await mine;
  assertEquals(await balance(bench), 105n);
  assertEquals(new Set(bench.validator.submitted).size, 2);
  elsewhere.validator.makeBlock();
  await theirs;
});

Deno.test("an operation that no block takes up is given up when it cannot be included any more, not before", async () => {
  const bench = setUp();
  let ended = false;
  const failing = assertRejects(() => bench.client.submit(pay(5n), bench.call), ActorError)
    .finally(() => ended = true);
  for (let block = 0; block < 3; block++) {
    await bench.timers.advance(6000);
    bench.validator.makeBlock([]);
  }
  await bench.timers.advance(6000);
  assertEquals(ended, false);
  bench.validator.makeBlock([]);
  await bench.timers.advance(6000);
  assertEquals((await failing).code, "timed_out");
});

Deno.test("an operation whose outcome a restarted validator has forgotten is not signed again", async () => {
  const bench = setUp();
  const failing = assertRejects(() => bench.client.submit(pay(5n), bench.call), ActorError);
  await bench.timers.settle();
  const [lost = new Uint8Array()] = bench.validator.pool;
  bench.validator.restart();
  bench.validator.makeBlock([lost]);
  bench.validator.restart();
  await bench.timers.advance(12_000);
  assertEquals((await failing).code, "unavailable");
  assertEquals(new Set(bench.validator.submitted).size, 1);
  assertEquals(await balance(bench), 5n);
});
