import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { devParams, type Operation, runQuery } from "../../../ledger/chain/mod.ts";
import {
  boundFault,
  MAX_PROPOSALS,
  PARAM_BOUNDS,
  PARAM_NAMES,
  paramsFault,
} from "../../../ledger/governance/mod.ts";
import { ParamNameSchema } from "../../../ledger/governance/records.ts";
import { decode, encode } from "../../../ledger/primitives/mod.ts";
import { Params } from "../../../ledger/state/mod.ts";
import { addressOf, START } from "../chain/test_chain.ts";
import { mark } from "../chain/test_task.ts";
import { DEPOSIT, EPOCH, governedChain, propose, ROUND, statusOf, vote, VOTING } from "./governed_chain.ts";

Deno.test("no parameter can be proposed beyond its bounds, on either side", () => {
  const chain = governedChain();
  let tried = 0;
  for (const name of PARAM_NAMES) {
    const { least, most, isFixed } = PARAM_BOUNDS[name];
    for (const value of [least - 1n, most + 1n].filter((each) => each >= 0n)) {
      const { code } = chain.send("val1", propose({ name, value }));
      assertEquals(code, isFixed === true ? "parameter_fixed" : "out_of_bounds", `${name} = ${value}`);
      tried++;
    }
  }
  assert(tried > PARAM_NAMES.length);
  const code = (operation: Operation) => chain.send("val1", operation).code;
  assertEquals(code(propose({ name: "epochBlocks", value: 7n })), "parameter_fixed");
  assertEquals(code(propose({ name: "proverSharePpm", value: 500_001n })), "out_of_bounds");
  const mixed = propose({ name: "roundBlocks", value: 9n }, { name: "arbiterCount", value: 0n });
  assertEquals(code(mixed), "out_of_bounds", "one wrong value spoils the rest");
  // Within its bounds, but then a false challenge would not pay those who judge it.
  assertEquals(code(propose({ name: "challengerBond", value: 7n })), "out_of_bounds");
});

Deno.test("every parameter has bounds that fit its type, and a number on the wire", () => {
  const usual = devParams();
  assertEquals([...PARAM_NAMES].sort(), Object.keys(usual).sort());
  assertEquals(paramsFault(usual), null);
  for (const name of PARAM_NAMES) {
    assertEquals(decode(ParamNameSchema, encode(ParamNameSchema, name)), name);
    for (const end of [PARAM_BOUNDS[name].least, PARAM_BOUNDS[name].most]) {
      const params: Params = { ...usual, [name]: typeof usual[name] === "bigint" ? end : Number(end) };
      assertEquals(decode(Params, encode(Params, params)), params);
      assertEquals(boundFault(name, end), null);
    }
  }
});

Deno.test("a proposal names something, each thing once, is made by a validator, and is paid for", () => {
  const chain = governedChain();
  const code = (name: string, operation: Operation) => chain.send(name, operation).code;
  assertEquals(code("val1", propose()), "bad_proposal");
  const value = { name: "roundBlocks", value: 9n } as const;
  assertEquals(code("val1", propose(value, value)), "bad_proposal");
  assertEquals(code("alice", ROUND), "not_a_validator");
  chain.accept("val1", { kind: "transfer", to: addressOf("bob"), amount: START - DEPOSIT + 1n });
  assertEquals(code("val1", ROUND), "insufficient_deposit");
});

Deno.test("the number of proposals under way is bounded, and the ended are forgotten in the end", () => {
  const chain = governedChain();
  for (let round = 0; round < 5; round++) {
    chain.block(Array.from({ length: MAX_PROPOSALS }, (_, at) => chain.sign("val2", ROUND, BigInt(at))));
    assertEquals(chain.send("val3", ROUND).code, "too_many_proposals");
    chain.advance(VOTING);
  }
  assertEquals(runQuery(chain.state(), "proposals", null).length, 64);
});

Deno.test("nobody votes on what does not exist, or when the voting is over", () => {
  const chain = governedChain();
  assertEquals(chain.send("val1", vote(mark("none"), true)).code, "unknown_proposal");
  const id = chain.accept("val1", ROUND);
  chain.advance(2 * EPOCH);
  assertEquals(statusOf(chain, id), "expired");
  assertEquals(chain.send("val1", vote(id, true)).code, "voting_over");
});
