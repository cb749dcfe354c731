/** Writes that the machine did not finish: torn by a loss of power, or refused by a full disk. */
import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { openSqliteStore } from "../../../ledger/store/store_sqlite.ts";
import { seededRandom } from "../../../tools/simulation/mod.ts";
import { fill, testVote } from "./store_suite.ts";

const chainId = fill(7);

function votesIn(path: string): number {
  const store = openSqliteStore({ path, chainId });
  try {
    return store.load().votes.length;
  } finally {
    store.close();
  }
}

Deno.test("a batch torn at any byte is not there, and everything acknowledged before it is", () => {
  const folder = Deno.makeTempDirSync();
  try {
    const path = `${folder}/chain.db`;
    const store = openSqliteStore({ path, chainId });
    for (let view = 1n; view <= 20n; view++) {
      store.persist([{ kind: "vote", vote: testVote("notarize", view) }]);
    }
    const main = Deno.readFileSync(path), before = Deno.readFileSync(`${path}-wal`).length;
    const block = {
      kind: "block",
      height: 1n,
      hash: fill(1),
      block: new Uint8Array(20_000).fill(3),
    } as const;
    store.persist([{ kind: "vote", vote: testVote("notarize", 21n) }, block]);
    const log = Deno.readFileSync(`${path}-wal`);
    store.close();
    assert(log.length > before + 20_000, "the last batch was appended to the log");

    const random = seededRandom(9);
    const open = (name: string, wal: Uint8Array) => {
      Deno.writeFileSync(`${folder}/${name}`, main);
      Deno.writeFileSync(`${folder}/${name}-wal`, wal);
      return votesIn(`${folder}/${name}`);
    };
    for (let trial = 0; trial < 40; trial++) {
      const cut = before + Math.floor(random() * (log.length - before));
      assertEquals(open(`cut ${trial}`, log.subarray(0, cut)), 20, `cut at ${cut}`);
      // The machine may have extended the file before it wrote what belongs there.
      const unwritten = log.slice();
      unwritten.fill(0, cut);
      assertEquals(open(`zeros ${trial}`, unwritten), 20, `zeros from ${cut}`);
    }
    assertEquals(open("whole", log), 21);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("a full disk stops the writer with a typed error, and nothing acknowledged is lost", async () => {
  const folder = Deno.makeTempDirSync();
  const path = `${folder}/chain.db`;
  try {
    // A limit on the length of files makes the system refuse writes, in the middle of one as a full disk would.
    const writer = new URL("./killed_writer.ts", import.meta.url).pathname;
    const { code, stdout, stderr } = await new Deno.Command("sh", {
      args: [
        "-c",
        `trap '' XFSZ; ulimit -f 700; exec "$0" run --no-check --no-code-cache --allow-read --allow-write --allow-env "$1" "$2"`,
        Deno.execPath(),
        writer,
        path,
      ],
      stdout: "piped",
      stderr: "piped",
      signal: AbortSignal.timeout(60_000),
    }).output();
    const said = new TextDecoder().decode(stdout).trim().split("\n").at(-1) ?? "";
    const [view = 0, height = 0] = said.split(" ").map(Number);
    assertEquals(code, 1);
    const complaint = new TextDecoder().decode(stderr);
    assert(complaint.includes("StoreError") && complaint.includes("Check disk space"), complaint);
    assert(view > 20 && height > 1, `the disk was full only after some batches: ${said}`);
    const store = openSqliteStore({ path, chainId });
    const { votes, finalizedHeight } = store.load();
    store.close();
    const views = votes.map(({ vote }) => vote.kind === "notarize" ? Number(vote.proposal.view) : 0);
    assert(Math.max(...views) >= view, `view ${view} was acknowledged`);
    assert(finalizedHeight >= BigInt(height), `height ${height} was acknowledged`);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
