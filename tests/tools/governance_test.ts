/**
 * Governance and history from the command line, on one validator as a process: what is proposed and voted on the ledger, what a node
 * forgets, and a second node that starts from a checkpoint where the first blocks are forgotten.
 */
import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { assertMatch } from "@std/assert/match.js";
import { assay, inFolder, startNodeProcess } from "./assay_process.ts";

const START_MS = 120_000, END_MS = 20_000;

Deno.test("a validator proposes and votes, forgets old blocks, and hands on a checkpoint that another node starts from", async () => {
  await inFolder(async (folder) => {
    const said = async (...words: string[]) => {
      const { code, out, error } = await assay(folder, ...words);
      assertEquals(code, 0, error);
      return out;
    };
    for (const home of ["a", "b"]) await said("key", "new", "--home", home);
    await said("genesis", "new", "--validator", "a", "--out", "genesis.json");
    const options = ["--genesis", "genesis.json", "--keep-blocks", "2", "--snapshot-every", "3"];
    const node = await startNodeProcess(folder, "--home", "a", "--role", "validator", ...options);
    try {
      const [, address = ""] = await node.heard(/listens (\S+)/, START_MS);
      const home = ["--home", "a"];
      assertMatch(await said("params", ...home), /roundBlocks +40 +1 to 10000000/);
      await said("proposal", "new", "longer rounds", "--set", "roundBlocks=50,maxAttempts=5", ...home);
      const [proposal] = JSON.parse(await said("proposal", "list", "--json", ...home));
      assertEquals([proposal.title, proposal.status], ["longer rounds", "voting"]);
      assertMatch(await said("proposal", "list", ...home), /roundBlocks = 50, maxAttempts = 5/);
      await said("proposal", "vote", proposal.id.slice(0, 8), "yes", ...home);
      assertMatch(await said("proposal", "show", proposal.id.slice(0, 8), ...home), /status +voting/);
      const twice = await assay(folder, "proposal", "vote", proposal.id.slice(0, 8), "no", ...home);
      assertMatch(twice.error, /A vote is not changed once it is cast/);
      const fixed = await assay(folder, "proposal", "new", "no epochs", "--set", "epochBlocks=5", ...home);
      assertMatch(fixed.error, /epochBlocks is fixed in genesis/);

      await said("checkpoint", "--out", "checkpoint.json", ...home);
      const { height } = JSON.parse(await Deno.readTextFile(`${folder}/checkpoint.json`));
      assert(Number(height) > 5);
      const { address: own } = JSON.parse(await said("status", "--json", ...home));
      const light = await said(
        "light",
        own,
        "--checkpoint",
        "checkpoint.json",
        "--trust-for",
        "600",
        ...home,
      );
      const [, seen = "0"] = /final block +(\d+) /.exec(light) ?? [];
      assert(BigInt(seen) >= BigInt(height), "the light client has followed on from the checkpoint");
      assertMatch(light, /balance +[\d.]+ AIGENSYN, proven in the state after block \d+/);
      const late = await startNodeProcess(
        folder,
        ...["--home", "b", "--genesis", "genesis.json", "--join", address, "--checkpoint", "checkpoint.json"],
      );
      try {
        const [, first = ""] = await late.heard(/Follows the chain: block (\d+) is final/, START_MS);
        assert(Number(first) > 3, `the first block that it saw is ${first}`);
      } finally {
        await late.end("SIGINT", END_MS);
      }
    } finally {
      await node.end("SIGINT", END_MS);
    }
  });
});
