import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { assertRejects } from "@std/assert/rejects.js";
import { blobRoot, bytesToHex, CHUNK_BYTES, chunkRoots } from "../../ledger/primitives/mod.ts";
import { type BlobStore, makeMemoryBlobStore, NetError } from "../../net/mod.ts";
import { openFileBlobStore } from "../../net/blob_store_file.ts";

const BLOB = Uint8Array.from({ length: 2 * CHUNK_BYTES + 100 }, (_, i) => (i * 7) & 0xff);
const ID = bytesToHex(blobRoot(BLOB));

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return (await assertRejects(() => promise, NetError) as NetError).code;
}

async function inDirectory(test: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "assay-blobs-" });
  try {
    await test(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

type WithStore = (maxBytes: number, test: (store: BlobStore) => Promise<void>) => Promise<void>;

function testStore(name: string, withStore: WithStore): void {
  Deno.test(`${name} store: what is put is there, by content, until it is deleted`, () =>
    withStore(1_000_000, async (store) => {
      assertEquals(await store.has(ID), false);
      assertEquals(await store.get(ID), undefined);
      assertEquals(await store.manifest(ID), undefined);
      assertEquals(await store.chunk(ID, 0), undefined);
      assertEquals(await store.put(BLOB), ID);
      assertEquals(await store.put(BLOB), ID, "twice is once");
      assertEquals(await store.has(ID), true);
      assertEquals(await store.get(ID), BLOB);
      assertEquals(await store.manifest(ID), { byteLength: BigInt(BLOB.length), chunks: chunkRoots(BLOB) });
      assertEquals(await store.chunk(ID, 1), BLOB.slice(CHUNK_BYTES, 2 * CHUNK_BYTES));
      assertEquals(await store.chunk(ID, 2), BLOB.slice(2 * CHUNK_BYTES));
      assertEquals(await store.chunk(ID, 3), undefined);
      assertEquals(await store.delete(ID), true);
      assertEquals(await store.delete(ID), false);
      assertEquals(await store.get(ID), undefined);
    }));

  Deno.test(`${name} store: a caller's later changes do not reach what is kept`, () =>
    withStore(1_000_000, async (store) => {
      const mine = BLOB.slice();
      await store.put(mine);
      mine.fill(0);
      (await store.get(ID))?.fill(1);
      assertEquals(await store.get(ID), BLOB);
    }));

  Deno.test(`${name} store: a full store says so, takes nothing, and has room again after a delete`, () =>
    withStore(BLOB.length + 10, async (store) => {
      const other = BLOB.slice(1);
      await store.put(BLOB);
      assertEquals(await codeOf(store.put(other)), "store_full");
      assertEquals(await store.get(ID), BLOB);
      await store.delete(ID);
      const outcomes = await Promise.allSettled([store.put(other), store.put(BLOB)]);
      // Which of them is first at the disk is nobody's promise.
      const statuses = outcomes.map(({ status }) => status).sort();
      assertEquals(statuses, ["fulfilled", "rejected"], "nor both at once");
    }));

  Deno.test(`${name} store: text that is no id is a typed error, not a path`, () =>
    withStore(1_000, async (store) => {
      for (const id of ["", "../secret", ID.toUpperCase(), `${ID}0`]) {
        assertEquals(await codeOf(store.get(id)), "bad_address");
        assertEquals(await codeOf(store.delete(id)), "bad_address");
        assertEquals(await codeOf(store.chunk(id, 0)), "bad_address");
      }
    }));
}

testStore("memory", (maxBytes, test) => test(makeMemoryBlobStore({ maxBytes })));
testStore(
  "file",
  (maxBytes, test) =>
    inDirectory(async (directory) => await test(await openFileBlobStore(directory, { maxBytes }))),
);

Deno.test("file store: blobs outlive the store, and leftovers of a crash do not", () =>
  inDirectory(async (directory) => {
    await (await openFileBlobStore(directory)).put(BLOB);
    await Deno.writeTextFile(`${directory}/${ID}.half.part`, "half");
    const store = await openFileBlobStore(directory, { maxBytes: BLOB.length });
    assertEquals(await store.get(ID), BLOB);
    const names = (await Array.fromAsync(Deno.readDir(directory))).map((entry) => entry.name);
    assertEquals(names, [ID]);
    assertEquals(await codeOf(store.put(Uint8Array.of(1))), "store_full", "what is there counts");
  }));

Deno.test("file store: a damaged blob is never handed out: it is removed and said to be damaged", () =>
  inDirectory(async (directory) => {
    const damage = async () => {
      const damaged = BLOB.slice();
      damaged[CHUNK_BYTES + 5] = 0xff ^ (damaged[CHUNK_BYTES + 5] ?? 0);
      await Deno.writeFile(`${directory}/${ID}`, damaged);
    };
    const store = await openFileBlobStore(directory);
    await store.put(BLOB);
    await damage();
    assertEquals(await store.chunk(ID, 0), BLOB.slice(0, CHUNK_BYTES), "an intact chunk can be used");
    assertEquals(await codeOf(store.chunk(ID, 1)), "bad_blob");
    assertEquals(await store.has(ID), false);
    await store.put(BLOB);
    await Deno.truncate(`${directory}/${ID}`, 100);
    assertEquals(await codeOf((await openFileBlobStore(directory)).get(ID)), "bad_blob");
    assertEquals(await store.has(ID), false);
  }));

Deno.test("file store: a directory that cannot be used is a typed error", () =>
  inDirectory(async (directory) => {
    await Deno.writeTextFile(`${directory}/file`, "in the way");
    assertEquals(await codeOf(openFileBlobStore(`${directory}/file`)), "store_failed");
    const store = await openFileBlobStore(`${directory}/blobs`);
    await Deno.remove(`${directory}/blobs`);
    assertEquals(await codeOf(store.put(BLOB)), "store_failed");
    assert(!(await store.has(ID)));
  }));
