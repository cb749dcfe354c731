import { assertEquals } from "@std/assert/equals.js";
import { startNode } from "../../actors/mod.ts";
import { devParams, type Genesis, UNITS_PER_TOKEN } from "../../ledger/mod.ts";
import { DEFAULT_TIMEOUTS } from "../../ledger/consensus/mod.ts";
import { createMemoryStore } from "../../ledger/store/mod.ts";
import { makeMemoryBlobStore, makeMemoryMesh } from "../../net/mod.ts";
import { balanceOf, follow } from "./embedding_example.ts";

/** Far more than a block of 60 ms takes on a busy machine. */
const DEADLINE_MS = 30_000;

Deno.test("an actor embedded in another program in a dozen lines follows the ledger and acts on it", async () => {
  const mesh = await makeMemoryMesh(2);
  const [ours, theirs] = mesh.signers, [transport, other] = mesh.transports;
  if (!ours || !theirs || !transport || !other) throw new RangeError("a mesh of two has two of everything");
  const { timers } = mesh.network;
  const genesis: Genesis = {
    network: "embedding",
    symbol: "AIGENSYN",
    decimals: 9,
    params: devParams(),
    accounts: [{ address: ours.address, balance: 50n * UNITS_PER_TOKEN }],
    stakes: [{ address: theirs.address, role: "validator", amount: 5_000n * UNITS_PER_TOKEN }],
    validators: [{ address: theirs.address, beaconKey: new Uint8Array() }],
  };
  // Somebody else's validator: the network that the program joins.
  const validator = startNode({
    transport: other,
    timers,
    signer: theirs,
    random: (length) => crypto.getRandomValues(new Uint8Array(length)),
    store: createMemoryStore(),
    blobStore: makeMemoryBlobStore(),
    ledger: {
      genesis,
      timing: { blockIntervalMs: 60, gatherMs: 5, pollMs: 1000, timeouts: DEFAULT_TIMEOUTS },
    },
  });
  const said: string[] = [];
  const print = console.log;
  console.log = (line: string) => said.push(line);
  const node = follow(transport, timers, ours, genesis);
  try {
    assertEquals(await balanceOf(node, ours.address), 50n * UNITS_PER_TOKEN);
    const { fee } = await node.ledger.submit(
      { kind: "transfer", to: new Uint8Array(32).fill(7), amount: 20n * UNITS_PER_TOKEN },
      { signal: AbortSignal.timeout(DEADLINE_MS) },
    );
    assertEquals(await balanceOf(node, ours.address), 30n * UNITS_PER_TOKEN - fee);
    assertEquals(await balanceOf(node, new Uint8Array(32).fill(7)), 20n * UNITS_PER_TOKEN);
    assertEquals(said.filter((line) => line.endsWith(": transferred")).length, 1);
  } finally {
    console.log = print;
    await node.stop();
    await validator.stop();
    await mesh.close();
  }
});
