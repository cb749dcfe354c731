import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { equalBytes } from "../../../ledger/primitives/mod.ts";
import { candidatesOf, type Role } from "../../../ledger/state/mod.ts";
import { play, playUntil } from "../disputes/play.ts";
import { ARBITERS, CHALLENGER, CROWD, PROVIDER, REQUESTER, submittedRun } from "../disputes/toy_chain.ts";
import { PROGRAM, runProgram, tensor } from "../disputes/toy_program.ts";

const honest = runProgram();
const name = (...engines: string[]) => ({ kind: "name_engines", engines }) as const;

Deno.test("who has named engines is drawn for programs of those alone, who has named none for all", () => {
  const chain = submittedRun(honest);
  assertEquals(chain.block([CHALLENGER, name("another", "one more")]), [null]);
  const context = { params: chain.params, head: { height: chain.height(), epoch: 0n, beacon: CHALLENGER } };
  const drawable = (role: Role, engine: string, who: Uint8Array) =>
    candidatesOf(chain.state(), context, role, [], engine).some(({ address }) => equalBytes(address, who));
  for (const role of ["challenger", "arbiter"] as const) {
    assert(!drawable(role, PROGRAM.engine, CHALLENGER));
    assert(drawable(role, "another", CHALLENGER) && drawable(role, "one more", CHALLENGER));
  }
  assert(drawable("challenger", PROGRAM.engine, CROWD[0] ?? CHALLENGER));
  assertEquals(chain.block([CHALLENGER, name(PROGRAM.engine)]), [null]);
  assert(
    drawable("challenger", PROGRAM.engine, CHALLENGER) && !drawable("challenger", "another", CHALLENGER),
  );
});

Deno.test("arbiters that execute with other engines are not drawn for a dispute, and so not fined", () => {
  const lie = runProgram({
    trace: (leaf, { step }) => step === 0 && leaf.node === 2 ? { ...leaf, outputs: [tensor("x")] } : leaf,
  });
  const chain = submittedRun(lie, { arbiterCount: 5 });
  const [first, second, ...rest] = ARBITERS;
  if (first === undefined || second === undefined) throw new Error("there are arbiters");
  assertEquals(chain.block([first, name("another")], [second, name("another")]), [null, null]);
  const before = [first, second].map((arbiter) => chain.stake("arbiter", arbiter));
  chain.open();
  const players = { provider: lie, challenger: honest };
  playUntil(chain, players, "commit");
  const { stage } = chain.dispute();
  if (stage.kind !== "commit") throw new Error(`arbiters commit, not ${stage.kind}`);
  const order = (a: Uint8Array, b: Uint8Array) => String(a) < String(b) ? -1 : 1;
  assertEquals(stage.seats.map(({ arbiter }) => arbiter).toSorted(order), rest.toSorted(order));
  assertEquals(play(chain, players).reason, "wrong_output");
  assertEquals([first, second].map((arbiter) => chain.stake("arbiter", arbiter)), before);
});

Deno.test("name_engines rejects no name, an empty one, and who is never drawn", () => {
  const chain = submittedRun(honest);
  assertEquals(chain.block([CHALLENGER, name()], [CHALLENGER, name("")]), ["bad_engines", "bad_engines"]);
  const stranger = new Uint8Array(32).fill(7);
  assertEquals(chain.block([stranger, name("repops")]), ["not_drawable"]);
  // These have an arbiter's stake: parties are kept out of their own disputes only.
  assertEquals(chain.block([REQUESTER, name("repops")], [PROVIDER, name("repops")]), [null, null]);
});
