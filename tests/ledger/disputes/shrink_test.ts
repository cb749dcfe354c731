import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { Dispute, disputes, openDisputesOf } from "../../../ledger/disputes/mod.ts";
import { bytesToHex, equalBytes, type Hash } from "../../../ledger/primitives/mod.ts";
import {
  disputesOf,
  MAX_LISTED_DISPUTES,
  MAX_OPEN_DISPUTES,
  recordHash,
  shrunkRecord,
} from "../../../ledger/state/mod.ts";
import { movesOf, present } from "./play.ts";
import { CROWD, PROVIDER, submittedRun } from "./toy_chain.ts";
import { runProgram } from "./toy_program.ts";

Deno.test("however many disputes a task has, so many records are whole: the oldest that are over shrink to their hashes", () => {
  const honest = runProgram();
  const chain = submittedRun(honest, { roundBlocks: 20, runningDisputes: MAX_OPEN_DISPUTES });
  const all: Hash[] = [], seen = new Map<string, Hash>();
  for (let round = 0; round < 4; round++) {
    for (let i = 0; i < MAX_OPEN_DISPUTES; i++) {
      chain.open(present(CROWD[all.length % CROWD.length]));
      all.push(chain.dispute().id);
      const whole = all.filter((id) => disputes.get(chain.state(), id) !== undefined);
      assert(whole.length <= MAX_LISTED_DISPUTES, `${whole.length} records are whole`);
      assertEquals(disputesOf(chain.state(), chain.taskId), whole);
    }
    // Every challenger falls silent; the provider answers.
    for (let blocks = 0; openDisputesOf(chain.state(), chain.taskId).length > 0; blocks++) {
      assert(blocks < 100, "the disputes hang");
      const moves = openDisputesOf(chain.state(), chain.taskId).flatMap(({ id }) => {
        chain.turnTo(id);
        return movesOf(chain, { provider: honest, challenger: honest })
          .filter(([sender]) => equalBytes(sender, PROVIDER));
      });
      chain.block(...moves);
    }
    for (const id of all) {
      const record = disputes.get(chain.state(), id);
      if (record !== undefined) seen.set(bytesToHex(id), recordHash(Dispute, record));
    }
  }
  assertEquals(all.length, 2 * MAX_LISTED_DISPUTES);
  for (const [i, id] of all.entries()) {
    const isWhole = i >= all.length - MAX_LISTED_DISPUTES;
    assertEquals(disputes.get(chain.state(), id) !== undefined, isWhole, `dispute ${i}`);
    assertEquals(shrunkRecord(chain.state(), id), isWhole ? undefined : seen.get(bytesToHex(id)));
  }
});
