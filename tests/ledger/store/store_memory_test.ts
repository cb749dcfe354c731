import { assertEquals } from "@std/assert/equals.js";
import { assertThrows } from "@std/assert/throws.js";
import { createMemoryStore, StoreError } from "../../../ledger/store/mod.ts";
import { storeSuite, testVote } from "./store_suite.ts";

storeSuite("memory", () => {
  const store = createMemoryStore();
  return { open: () => store, dispose: () => store.close() };
});

Deno.test("an injected fault loses a batch, or keeps it without acknowledging", () => {
  for (const [fate, kept] of [["lose", 0], ["commit_unacknowledged", 1]] as const) {
    const store = createMemoryStore({ fate: () => fate });
    const error = assertThrows(
      () => store.persist([{ kind: "vote", vote: testVote("notarize", 1n) }]),
      StoreError,
    );
    assertEquals(error.code, "io_failed");
    assertEquals(store.load().votes.length, kept);
  }
});
