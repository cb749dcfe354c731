/**
 * A ledger client that hands in another's result in place of its own.
 *
 * @module
 */
import type { LedgerClient } from "../../../../actors/mod.ts";
import { Block, plainReader } from "../../../../ledger/chain/mod.ts";
import type { Operation } from "../../../../ledger/mod.ts";
import { decode, equalBytes } from "../../../../ledger/primitives/mod.ts";
import type { Store } from "../../../../ledger/store/mod.ts";
import type { TwistPowers } from "../../market/twist.ts";
import { changing } from "./operations.ts";

const LOOK_MS = 500;

type Submission = Extract<Operation, { kind: "submit_result" }>;

/** The latest result that somebody else has handed in for another task. */
function anothers(store: Store, own: Submission): Submission | undefined {
  for (let height = store.finalizedHeight; height >= 1n; height--) {
    const final = store.finalizedAt(height);
    const transactions = final === undefined ? [] : decode(Block, final.block).transactions;
    for (const encoded of transactions) {
      const { operation } = plainReader.read(encoded).transaction;
      if (operation.kind === "submit_result" && !equalBytes(operation.task, own.task)) return operation;
    }
  }
  return undefined;
}

/** See the module. */
export function handingInAnothers(own: LedgerClient, { store, pause }: TwistPowers): LedgerClient {
  return changing(own, async (operation, call) => {
    if (operation.kind !== "submit_result") return operation;
    while (true) {
      const found = anothers(store, operation);
      if (found !== undefined) return { ...found, task: operation.task, program: operation.program };
      await pause(LOOK_MS, call.signal);
    }
  });
}
