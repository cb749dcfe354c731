/**
 * A browser on the network: a tab dials a node that runs as people run it, in a process of its own, over WebRTC.
 */
import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { bytesToHex, formatAddress, hash, signerFromSeed } from "../../ledger/primitives/mod.ts";
import { assay, inFolder, startNodeProcess } from "../tools/assay_process.ts";
import { testInBrowser } from "./chromium.ts";
import type { NodeInput, NodeOutcome } from "./node_page.ts";
import { runPage } from "./run_page.ts";

/** A node starts in two seconds on two free cores. */
const START_MS = 120_000;

const END_MS = 20_000;

const SEED = hash("assay/test/tab");
const TAB = formatAddress(signerFromSeed(SEED).address);

/** An account that nobody has the key of. */
const SOMEBODY = "5c".repeat(32);

const TOKEN = 1_000_000_000n;

testInBrowser(
  "a tab dials a node over WebRTC, follows the chain with its own ledger, and pays somebody",
  () =>
    inFolder(async (folder) => {
      const run = async (...words: string[]) => {
        const { code, out, error } = await assay(folder, ...words);
        assertEquals(code, 0, error);
        return out;
      };
      const balanceOf = async (account: string) =>
        BigInt(JSON.parse(await run("account", account, "--home", "a", "--json")).balance);

      await run("key", "new", "--home", "a");
      await run("genesis", "new", "--validator", "a", "--out", "g.json");
      const node = await startNodeProcess(
        folder,
        "--home",
        "a",
        "--role",
        "validator",
        "--genesis",
        "g.json",
      );
      try {
        const [, address = ""] = await node.heard(/listens (\/ip4\/\S+)/, START_MS);
        await run("transfer", TAB, "40", "--home", "a");

        const input: NodeInput = {
          address,
          genesis: await Deno.readTextFile(`${folder}/g.json`),
          seed: bytesToHex(SEED),
          payee: SOMEBODY,
          amount: (15n * TOKEN).toString(),
        };
        const told = await runPage<NodeOutcome>(new URL("./node_page.ts", import.meta.url), input);

        const self = JSON.parse(await run("status", "--home", "a", "--json")).address;
        assertEquals([told.account, told.peers], [TAB, [self]]);
        assertEquals(BigInt(told.before), 40n * TOKEN);
        // What the tab's ledger says is what the node's says.
        const left = await balanceOf(TAB);
        assertEquals([BigInt(told.after), BigInt(told.payee)], [left, await balanceOf(SOMEBODY)]);
        assertEquals([left, BigInt(told.payee)], [25n * TOKEN - BigInt(told.fee), 15n * TOKEN]);
        assert(BigInt(told.fee) > 0n);
      } finally {
        await node.end("SIGINT", END_MS);
      }
    }),
);
