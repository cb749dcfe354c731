import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { MarketAnswer, MarketQuestion, type Node, ROLE } from "../../../actors/mod.ts";
import { decode, encode } from "../../../ledger/primitives/mod.ts";
import { UNITS_PER_TOKEN } from "../../../ledger/mod.ts";
import { startSmallNetwork } from "../network/small_network.ts";
import { fitting, STEPS } from "../network/small_programs.ts";

Deno.test("the market estimates a fit program, and says what is wrong with one that is not", async () => {
  const network = await startSmallNetwork([
    { name: "v1", stakes: ["validator"], roles: {} },
    { name: "front", stakes: [], roles: { market: {} } },
    { name: "req", stakes: [], roles: {} },
    {
      name: "prov",
      stakes: ["provider"],
      roles: { provider: { memoryMiB: 64, minReward: 3n * UNITS_PER_TOKEN, slots: 1 } },
    },
  ]);
  try {
    const asker = network.node("req"), market = network.node("front");
    const ask = async (node: Node, question: MarketQuestion) =>
      decode(
        MarketAnswer,
        await node.actors.ask(
          { peer: market.actors.self, role: ROLE.market },
          encode(MarketQuestion, question),
          20_000,
        ),
      );
    const built = fitting(network.engine);
    for (const { bytes } of built.blobs) await asker.blobs.put(bytes);
    await network.heard(({ name, event }) =>
      name === "front" && event.kind === "ledger_event" && event.event.startsWith("offer")
    );
    const fit = await ask(asker, { kind: "check", program: built.program, manifest: built.manifestId });
    if (fit.kind !== "fit") throw new RangeError(`A good program was answered by ${fit.kind}`);
    const { program, steps, segments, offers, lowestPrice } = fit.estimate;
    assertEquals([program, steps, segments, offers, lowestPrice], [
      built.id,
      STEPS,
      3,
      1,
      3n * UNITS_PER_TOKEN,
    ]);

    const other = { ...built.program, note: new Uint8Array([1]) };
    const unfit = await ask(asker, { kind: "check", program: other, manifest: built.manifestId });
    assertEquals(unfit.kind, "unfit");
    const empty = await ask(asker, {
      kind: "check",
      program: { ...built.program, phases: [] },
      manifest: built.manifestId,
    });
    assert(empty.kind === "unfit" && empty.code === "bad_program");

    const listed = await ask(asker, { kind: "offers" });
    assertEquals(listed.kind === "offers" && listed.offers.map(({ offer }) => offer.memoryMiB), [64]);
    assertEquals(await ask(asker, { kind: "tasks", status: null, before: null, limit: 10 }), {
      kind: "tasks",
      tasks: [],
    });
  } finally {
    await network.close();
  }
});
