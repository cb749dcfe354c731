/**
 * What every store promises. Each implementation runs it.
 *
 * @module
 */
import { assertEquals } from "@std/assert/equals.js";
import { assertThrows } from "@std/assert/throws.js";
import { type Certificate, type SignedVote, type Vote } from "../../../ledger/consensus/mod.ts";
import { utf8 } from "../../../ledger/primitives/mod.ts";
import { type Store, StoreError, type StoreErrorCode, type StoreRecord } from "../../../ledger/store/mod.ts";

/** How a suite gets stores: `open` again gives the same contents, as after a crash. */
export interface StoreUnderTest {
  open(): Store;
  dispose(): void;
}

/** 32 bytes of one value. */
export const fill = (value: number) => new Uint8Array(32).fill(value);

const proposal = (view: bigint, block: number) => ({
  epoch: 0n,
  view,
  parentView: view - 1n,
  height: view,
  block: fill(block),
});

/** A vote as a store sees it: the signature is not its business. */
export function testVote(kind: Vote["kind"], view: bigint, block = Number(view)): SignedVote {
  const vote: Vote = kind === "nullify"
    ? { kind, epoch: 0n, view }
    : { kind, proposal: proposal(view, block) };
  return { vote, signer: 0, signature: new Uint8Array(64).fill(block) };
}

/** A certificate of one signer. */
export function testCertificate(kind: Vote["kind"], view: bigint): Certificate {
  const { vote, signature } = testVote(kind, view);
  return { vote, signers: new Uint8Array([1]), signatures: [signature] };
}

const block = (height: bigint, id = Number(height)): StoreRecord => ({
  kind: "block",
  height,
  hash: fill(id),
  block: utf8(`block ${height}`),
});

const finalized = (height: bigint, certificate: Certificate | null = null): StoreRecord => ({
  kind: "finalized",
  height,
  hash: fill(Number(height)),
  certificate,
});

const vote = (...parameters: Parameters<typeof testVote>): StoreRecord => ({
  kind: "vote",
  vote: testVote(...parameters),
});

function codeOf(action: () => void): StoreErrorCode {
  return assertThrows(action, StoreError).code;
}

/** Registers the suite. */
export function storeSuite(name: string, create: () => StoreUnderTest): void {
  const test = (promise: string, run: (subject: StoreUnderTest, store: Store) => void) =>
    Deno.test(`${name}: ${promise}`, () => {
      const subject = create();
      const store = subject.open();
      try {
        run(subject, store);
      } finally {
        subject.dispose();
      }
    });

  test("what was acknowledged is there when it is opened again", (subject, store) => {
    const certificate = testCertificate("notarize", 4n);
    store.persist([block(1n), finalized(1n, testCertificate("finalize", 1n))]);
    store.persist([block(2n), block(3n, 30), vote("notarize", 2n), { kind: "certificate", certificate }]);
    const { snapshot, ...chain } = subject.open().load();
    assertEquals(snapshot, undefined);
    assertEquals(chain, {
      finalizedHeight: 1n,
      votes: [testVote("notarize", 2n)],
      certificates: [certificate],
      pending: [
        { height: 2n, hash: fill(2), block: utf8("block 2") },
        { height: 3n, hash: fill(30), block: utf8("block 3") },
      ],
    });
  });

  test("final blocks are read by height, with their certificates", (subject, store) => {
    const certificate = testCertificate("finalize", 2n);
    store.persist([block(1n), finalized(1n), block(2n), finalized(2n, certificate)]);
    const again = subject.open();
    assertEquals(again.finalizedHeight, 2n);
    const expected = { height: 2n, hash: fill(2), block: utf8("block 2"), certificate };
    assertEquals(again.finalizedAt(2n), expected);
    assertEquals(again.finalizedAt(1n)?.certificate, null);
    assertEquals([again.finalizedAt(0n), again.finalizedAt(3n)], [undefined, undefined]);
  });

  test("a vote that contradicts an earlier one is refused, before and after reopening", (subject, store) => {
    store.persist([vote("notarize", 5n), vote("nullify", 6n)]);
    for (const open of [() => store, subject.open]) {
      const each = open();
      assertEquals(codeOf(() => each.persist([vote("notarize", 5n, 99)])), "conflicting_vote");
      assertEquals(codeOf(() => each.persist([vote("finalize", 6n)])), "conflicting_vote");
    }
  });

  test("notarize then nullify is allowed, and so is the same vote again", (_, store) => {
    store.persist([vote("notarize", 5n), vote("nullify", 5n)]);
    store.persist([vote("notarize", 5n)]);
  });

  test(
    "no vote is taken in a view that is final, even when the votes there are forgotten",
    (subject, store) => {
      store.persist([vote("notarize", 7n), block(1n), finalized(1n, testCertificate("finalize", 7n))]);
      assertEquals(store.load().votes, []);
      const again = subject.open();
      assertEquals(codeOf(() => again.persist([vote("notarize", 7n, 99)])), "stale_vote");
      again.persist([vote("notarize", 8n)]);
    },
  );

  test("a batch is written whole or not at all", (subject, store) => {
    store.persist([vote("notarize", 5n)]);
    assertEquals(codeOf(() => store.persist([block(1n), vote("notarize", 5n, 99)])), "conflicting_vote");
    assertEquals(subject.open().load().pending, []);
  });

  test("final heights follow one another, each with its block", (_, store) => {
    assertEquals(codeOf(() => store.persist([finalized(1n)])), "out_of_order");
    assertEquals(codeOf(() => store.persist([block(2n), finalized(2n)])), "out_of_order");
    store.persist([block(1n), finalized(1n)]);
    assertEquals(codeOf(() => store.persist([finalized(1n)])), "out_of_order");
  });

  test("blocks beside the final one are forgotten", (_, store) => {
    store.persist([block(1n, 91), block(1n), finalized(1n), block(2n)]);
    assertEquals(store.load().pending.map(({ hash }) => hash), [fill(2)]);
  });

  test(
    "links between epochs are there when it is opened again, but for those told to be forgotten",
    (subject, store) => {
      const link = (epoch: bigint, keepFrom: bigint): StoreRecord => ({
        kind: "link",
        epoch,
        link: utf8(`link ${epoch}`),
        keepFrom,
      });
      store.persist([link(0n, 0n), link(1n, 0n)]);
      store.persist([link(2n, 1n)]);
      const again = subject.open();
      assertEquals(
        [0n, 1n, 2n, 3n].map((epoch) => again.linkAt(epoch)),
        [undefined, utf8("link 1"), utf8("link 2"), undefined],
      );
    },
  );

  test("a snapshot replaces the one before", (subject, store) => {
    const snapshot = (height: bigint, values: readonly number[]): StoreRecord => ({
      kind: "snapshot",
      height,
      hash: fill(Number(height)),
      entries: values.map((value) => [new Uint8Array([value]), fill(value)] as const),
    });
    store.persist([snapshot(1n, [1, 2, 3])]);
    store.persist([snapshot(2n, [3, 4])]);
    const stored = subject.open().load().snapshot;
    assertEquals([stored?.height, stored?.hash], [2n, fill(2)]);
    assertEquals([...stored?.entries ?? []], [[new Uint8Array([3]), fill(3)], [
      new Uint8Array([4]),
      fill(4),
    ]]);
  });

  test(
    "blocks below a horizon are forgotten, and the lowest height that is left is known",
    (subject, store) => {
      assertEquals(store.firstHeight, 1n);
      for (const height of [1n, 2n, 3n, 4n]) store.persist([block(height), finalized(height)]);
      store.persist([{ kind: "pruned", below: 3n }]);
      for (const open of [() => store, () => subject.open()]) {
        const opened = open();
        assertEquals([opened.firstHeight, opened.finalizedHeight], [3n, 4n]);
        assertEquals(opened.finalizedAt(2n), undefined);
        assertEquals(opened.finalizedAt(3n)?.hash, fill(3));
      }
    },
  );

  test(
    "a chain is adopted from far ahead: blocks below are forgotten, later votes kept, and it goes on",
    (subject, store) => {
      store.persist([
        block(1n),
        finalized(1n, testCertificate("finalize", 1n)),
        vote("notarize", 2n),
        vote("notarize", 30n),
      ]);
      const certificate = testCertificate("finalize", 20n);
      const adopted = { height: 20n, hash: fill(20), block: utf8("block 20"), certificate };
      store.persist([{ kind: "adopted", block: adopted, entries: [[utf8("key"), utf8("value")]] }]);
      assertEquals(
        codeOf(() => store.persist([{ kind: "adopted", block: adopted, entries: [] }])),
        "out_of_order",
      );
      const opened = subject.open();
      assertEquals([opened.firstHeight, opened.finalizedHeight], [20n, 20n]);
      assertEquals([opened.finalizedAt(1n), opened.finalizedAt(20n)], [undefined, adopted]);
      const { votes, snapshot } = opened.load();
      assertEquals(votes, [testVote("notarize", 30n)]);
      assertEquals(snapshot === undefined ? undefined : [snapshot.height, [...snapshot.entries]], [
        20n,
        [[utf8("key"), utf8("value")]],
      ]);
      opened.persist([block(21n), finalized(21n)]);
      assertEquals(opened.finalizedHeight, 21n);
    },
  );

  test("a closed store says so", (_, store) => {
    store.close();
    assertEquals(codeOf(() => store.load()), "closed");
    assertEquals(codeOf(() => store.persist([])), "closed");
  });
}
