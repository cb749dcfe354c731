import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { assertThrows } from "@std/assert/throws.js";
import { DatabaseSync } from "node:sqlite";
import { type Store, StoreError, type StoreErrorCode } from "../../../ledger/store/mod.ts";
import { openSqliteStore } from "../../../ledger/store/store_sqlite.ts";
import { seededRandom } from "../../../tools/simulation/mod.ts";
import { fill, storeSuite, testVote } from "./store_suite.ts";

const chainId = fill(7);

storeSuite("sqlite", () => {
  const folder = Deno.makeTempDirSync();
  let store: Store | undefined;
  return {
    open() {
      store?.close();
      store = openSqliteStore({ path: `${folder}/chain.db`, chainId });
      return store;
    },
    dispose() {
      store?.close();
      Deno.removeSync(folder, { recursive: true });
    },
  };
});

function inFolder(run: (path: string) => void): void {
  const folder = Deno.makeTempDirSync();
  try {
    run(`${folder}/chain.db`);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** A closed store with a few votes and blocks. */
function filledStore(path: string): void {
  const store = openSqliteStore({ path, chainId });
  for (let view = 1n; view <= 200n; view++) {
    store.persist([
      { kind: "vote", vote: testVote("notarize", view, Number(view % 200n)) },
      {
        kind: "block",
        height: view,
        hash: fill(Number(view)),
        block: new Uint8Array(2_000).fill(Number(view)),
      },
    ]);
  }
  store.close();
}

function openingFails(path: string, id = chainId): StoreErrorCode {
  return assertThrows(() => openSqliteStore({ path, chainId: id }).close(), StoreError).code;
}

Deno.test("a store is opened by one process at a time", () =>
  inFolder((path) => {
    const store = openSqliteStore({ path, chainId });
    assertEquals(openingFails(path), "locked");
    store.close();
    openSqliteStore({ path, chainId }).close();
  }));

Deno.test("a store of another chain, another database and another file are refused, each for what it is", () =>
  inFolder((path) => {
    openSqliteStore({ path, chainId }).close();
    assertEquals(openingFails(path, fill(8)), "other_chain");
    const other = new DatabaseSync(`${path}.other`);
    other.exec("CREATE TABLE notes (text)");
    other.close();
    assertEquals(openingFails(`${path}.other`), "foreign_file");
    Deno.writeTextFileSync(`${path}.txt`, "These are my notes, not a database. ".repeat(100));
    assertEquals(openingFails(`${path}.txt`), "foreign_file");
  }));

Deno.test("a truncated store is found, also when nothing of it is left", () =>
  inFolder((path) => {
    filledStore(path);
    const { size } = Deno.statSync(path);
    Deno.truncateSync(path, Math.floor(size / 2));
    assertEquals(openingFails(path), "corrupted");
    Deno.truncateSync(path, 0);
    assertEquals(openingFails(path), "corrupted");
  }));

Deno.test("altered bytes are found on opening or loading, or nothing is missing; the sentence says how to resync", () =>
  inFolder((path) => {
    filledStore(path);
    const original = Deno.readFileSync(path);
    const random = seededRandom(4);
    let found = 0;
    for (let trial = 0; trial < 20; trial++) {
      const damaged = original.slice();
      // Past the header and schema page, 64 bytes in a row.
      const at = 4096 + Math.floor(random() * (damaged.length - 4096 - 64));
      for (let i = at; i < at + 64; i++) damaged[i] = (damaged[i] ?? 0) ^ 0x5a;
      Deno.writeFileSync(path, damaged);
      const undamaged = outcomeOf(path);
      if (undamaged instanceof StoreError) {
        assertEquals(undamaged.code, "corrupted");
        assert(undamaged.message.includes("fetches the chain from its peers"));
        found++;
      } else {
        // The bytes lay in free space or in an index: then nothing may be missing.
        assertEquals(undamaged, 400);
      }
    }
    assert(found >= 5, `${found} of 20 found`);
  }));

/** Votes and blocks that opening and loading a store gives, or the error. */
function outcomeOf(path: string): StoreError | number {
  let store: Store | undefined;
  try {
    store = openSqliteStore({ path, chainId });
    const { votes, pending } = store.load();
    return votes.length + pending.length;
  } catch (thrown) {
    if (thrown instanceof StoreError) return thrown;
    throw thrown;
  } finally {
    store?.close();
  }
}

Deno.test("a writer killed with SIGKILL at any moment loses nothing acknowledged and never contradicts itself", async () => {
  const folder = Deno.makeTempDirSync();
  const path = `${folder}/chain.db`;
  const random = seededRandom(21);
  try {
    let acknowledged = { view: 0n, height: 0n };
    for (let round = 0; round < 10; round++) {
      const child = new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--no-check", new URL("./killed_writer.ts", import.meta.url).pathname, path],
        stdout: "piped",
        stderr: "inherit",
      }).spawn();
      acknowledged = await killAfter(child, Math.floor(random() * 150), acknowledged);
      const store = openSqliteStore({ path, chainId });
      const { votes, finalizedHeight } = store.load();
      const last = votes.reduce((most, { vote }) => vote.kind === "notarize" ? vote.proposal.view : most, 0n);
      store.close();
      assert(last >= acknowledged.view, `view ${acknowledged.view} was acknowledged, ${last} is there`);
      assert(finalizedHeight >= acknowledged.height, "an acknowledged final block is missing");
    }
    assert(acknowledged.height > 0n, "the writer never got to write");
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

interface Acknowledged {
  readonly view: bigint;
  readonly height: bigint;
}

/** Reads what a child says was acknowledged, kills it some lines later, and returns the last whole line. */
async function killAfter(
  child: Deno.ChildProcess,
  lines: number,
  before: Acknowledged,
): Promise<Acknowledged> {
  const decoder = new TextDecoder();
  let text = "", killed = false;
  for await (const chunk of child.stdout) {
    text += decoder.decode(chunk);
    if (killed || text.split("\n").length <= lines + 1) continue;
    killed = true;
    child.kill("SIGKILL");
  }
  await child.status;
  const whole = text.split("\n").slice(0, -1).at(-1);
  const [view, height] = whole === undefined ? [] : whole.split(" ").map(BigInt);
  return { view: view ?? before.view, height: height ?? before.height };
}
