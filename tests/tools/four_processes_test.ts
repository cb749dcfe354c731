/**
 * Four processes, one network: the README's tour of several machines, on one.
 */
import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { assertMatch } from "@std/assert/match.js";
import { assay, inFolder, type NodeProcess, startNodeProcess } from "./assay_process.ts";

/** A node starts in two seconds on two free cores, and a network of four finds together in five. */
const START_MS = 120_000;

const END_MS = 20_000;

/** Polling a node is a process of its own: not too often. */
const POLL_MS = 500;

/** An account that nobody has the key of. */
const SOMEBODY = "5b".repeat(32);

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + START_MS;
  while (!await holds()) {
    if (performance.now() > end) throw new Error(`Waited ${START_MS} ms in vain until ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

Deno.test("four processes form a network; one is killed, the others go on, and restarted it catches up", async (t) => {
  await inFolder(async (folder) => {
    const running = new Map<string, NodeProcess>();
    const run = async (...words: string[]) => {
      const { code, out, error } = await assay(folder, ...words);
      assertEquals(code, 0, error);
      return out;
    };
    const height = async (home: string) =>
      BigInt(JSON.parse(await run("status", "--home", home, "--json")).height);
    const balance = async (home: string) =>
      JSON.parse(await run("account", SOMEBODY, "--home", home, "--json")).balance;
    const start = async (home: string, ...words: string[]) => {
      const node = await startNodeProcess(folder, "--home", home, ...words);
      running.set(home, node);
      return (await node.heard(/listens (\/ip4\/\S+)/, START_MS))[1] ?? "";
    };

    try {
      await Promise.all(["a", "b", "c", "d"].map((home) => run("key", "new", "--home", home)));
      await run(
        "genesis",
        "new",
        "--validator",
        "a,b,c,d",
        "--provider",
        "a",
        "--challenger",
        "b",
        "--out",
        "g.json",
      );
      const first = await start("a", "--role", "validator,provider", "--genesis", "g.json");
      const join = ["--genesis", "g.json", "--join", first];
      const [, , address = ""] = await Promise.all([
        start("b", "--role", "validator,challenger", ...join),
        start("c", "--role", "validator", ...join),
        start("d", "--role", "validator", ...join),
      ]);
      await Promise.all([...running.values()].map((node) => node.heard(/block \d+ is final/, START_MS)));

      await t.step("the others go on without one that was killed", async () => {
        await running.get("d")?.end("SIGKILL", END_MS);
        const before = await height("a");
        assertMatch(await run("transfer", SOMEBODY, "3.25", "--home", "a"), /Final in block \d+/);
        await until("the chain has grown", async () => await height("b") > before + 3n);
      });

      await t.step("killed, it left its address, which nobody answers at", async () => {
        const { code, error } = await assay(folder, "status", "--home", "d");
        assertEquals(code, 1);
        assertMatch(error, /^No node answers at http:\/\/127\.0\.0\.1:\d+/);
      });

      await t.step(
        "restarted from its home it has the same address, and catches up to the same state",
        async () => {
          const others = await height("a");
          assertEquals(await start("d", "--role", "validator", "--join", first), address);
          await until("d has caught up", async () => await height("d") >= others);
          assertEquals(await balance("d"), "3250000000");
          assertEquals(await balance("a"), "3250000000");
          // It votes again: without c the network needs it.
          await running.get("c")?.end("SIGKILL", END_MS);
          const now = await height("a");
          await until("d replaces c in the quorum", async () => await height("d") > now + 3n);
        },
      );

      await t.step("a home does not change its network", async () => {
        await run("genesis", "new", "--validator", "a", "--network", "another", "--out", "other.json");
        const wrong = await startNodeProcess(folder, "--home", "c", "--genesis", "other.json");
        await wrong.heard(/The home c belongs to the network "assay-dev" .* that of "another"/, START_MS);
        assertEquals(await wrong.end(null, END_MS), 1);
      });

      await t.step(
        "a truncated store is told of; moved away, the chain comes from the peers, without a vote",
        async () => {
          await running.get("d")?.end("SIGINT", END_MS);
          const others = await height("a"), store = `${folder}/d/chain.sqlite`;
          await Deno.truncate(store, Math.floor((await Deno.stat(store)).size / 2));
          const damaged = await startNodeProcess(
            folder,
            "--home",
            "d",
            "--role",
            "validator",
            "--join",
            first,
          );
          await damaged.heard(/The store "d\/chain\.sqlite" is damaged .* Move the file away/, START_MS);
          assertEquals(await damaged.end(null, END_MS), 1);
          await Deno.rename(store, `${store}.away`);
          assertEquals(await start("d", "--role", "requester", "--join", first), address);
          await until("d has the chain again", async () => await height("d") >= others);
          assertEquals(await balance("d"), "3250000000");
        },
      );

      await t.step("Ctrl-C ends them", async () => {
        const left = ["a", "b", "d"].map((home) => running.get(home)?.end("SIGINT", END_MS));
        assertEquals(await Promise.all(left), [130, 130, 130]);
        assert(!await Deno.stat(`${folder}/a/api.json`).then(() => true, () => false));
      });
    } finally {
      await Promise.all([...running.values()].map((node) => node.end("SIGKILL", END_MS)));
    }
  });
});
