import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { assertThrows } from "@std/assert/throws.js";
import { executeBlock, type Operation, runQuery, selectTransactions } from "../../../ledger/chain/mod.ts";
import { PROTOCOL_VERSION, UpgradeError } from "../../../ledger/governance/mod.ts";
import { validatorSetOf } from "../../../ledger/state/mod.ts";
import { approve, governedChain, statusOf, upgrade, VOTING } from "./governed_chain.ts";

const NEXT = PROTOCOL_VERSION + 1;

Deno.test("an upgrade names a newer version and the first height of an epoch behind the timelock, one at a time", () => {
  const chain = governedChain();
  const code = (operation: Operation) => chain.send("val1", operation).code;
  assertEquals(code(upgrade(PROTOCOL_VERSION, 101n)), "bad_upgrade");
  assertEquals(code(upgrade(NEXT, 102n)), "bad_upgrade", "in the middle of an epoch");
  assertEquals(code(upgrade(NEXT, 21n)), "bad_upgrade", "unbonding would not be over");
  assertEquals(code(upgrade(NEXT, 0n)), "bad_upgrade");
  approve(chain, chain.accept("val1", upgrade(NEXT, 101n)));
  chain.advance(VOTING);
  assertEquals(runQuery(chain.state(), "upgrade", null), { version: NEXT, height: 101n });
  assertEquals(code(upgrade(NEXT + 1, 201n)), "bad_upgrade", "another is planned");
});

Deno.test("a program without the new rules executes up to the upgrade and refuses what follows; a newer one goes on", () => {
  const chain = governedChain();
  const id = chain.accept("val1", upgrade(NEXT, 31n));
  approve(chain, id);
  chain.advance(30 - Number(chain.height()));
  const state = chain.state();
  const error = assertThrows(() => chain.block(), UpgradeError);
  assertEquals([error.code, error.fields.needed], ["upgrade_required", NEXT]);
  assert(error.message.includes("Install a newer one"));
  assertEquals(chain.state(), state, "nothing changed");
  const header = chain.header();
  assertThrows(() => selectTransactions(state, header, []), UpgradeError);
  const newer = executeBlock(state, { header, transactions: [] }, { protocolVersion: NEXT });
  assertEquals(runQuery(newer.state, "head", null).height, 31n);
  assertEquals(runQuery(newer.state, "proposal", id)?.status, "executed");
  assertEquals(validatorSetOf(newer.state, 7n)?.validators.length, 3);
});

Deno.test("of two upgrades that pass one after the other, the second is void", () => {
  const chain = governedChain();
  const first = chain.accept("val1", upgrade(NEXT, 101n));
  const second = chain.accept("val2", upgrade(NEXT + 1, 201n));
  for (const id of [first, second]) approve(chain, id);
  chain.advance(VOTING);
  assertEquals([statusOf(chain, first), statusOf(chain, second)], ["passed", "void"]);
  assertEquals(runQuery(chain.state(), "upgrade", null)?.version, NEXT);
});
