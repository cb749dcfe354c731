import { assertEquals } from "@std/assert/equals.js";
import { assertRejects } from "@std/assert/rejects.js";
import { makeOneAtATime } from "../../../actors/work/mod.ts";

Deno.test("works with one key never meet and keep their order, failed ones too; others are not held up", async () => {
  const inTurn = makeOneAtATime();
  const told: string[] = [];
  const gates = [0, 1, 2].map(() => Promise.withResolvers<void>());
  const work = (key: string, name: string, gate: Promise<void>) =>
    inTurn(key, async () => {
      told.push(`${name} begins`);
      await gate;
      told.push(`${name} ends`);
    });
  const [first, second, third] = gates.map((gate, i) => work("a", `a${i}`, gate.promise));
  await work("b", "b", Promise.resolve());
  assertEquals(told, ["a0 begins", "b begins", "b ends"]);
  gates[1]?.reject(new RangeError("a1 fails"));
  gates[2]?.resolve();
  gates[0]?.resolve();
  await first;
  await assertRejects(() => second ?? Promise.resolve(), RangeError);
  await third;
  assertEquals(told.slice(3), ["a0 ends", "a1 begins", "a2 begins", "a2 ends"]);
});
