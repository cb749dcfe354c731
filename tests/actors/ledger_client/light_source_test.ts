import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { makeLightSource, ROLE, startNode } from "../../../actors/mod.ts";
import { DEFAULT_TIMEOUTS } from "../../../ledger/consensus/mod.ts";
import { followLatest, genesisCheckpoint, readProven, startLightClient } from "../../../ledger/light/mod.ts";
import { decode } from "../../../ledger/primitives/mod.ts";
import { Account, accounts } from "../../../ledger/state/mod.ts";
import { devParams, type Genesis, UNITS_PER_TOKEN } from "../../../ledger/mod.ts";
import { createMemoryStore } from "../../../ledger/store/mod.ts";
import { makeMemoryBlobStore, makeMemoryMesh } from "../../../net/mod.ts";

/** Far more than a block of 40 ms takes on a busy machine. */
const DEADLINE_MS = 30_000;

Deno.test("a light client follows a live node over the network, through changes of validators, and proves a balance", async () => {
  const mesh = await makeMemoryMesh(2);
  const [theirs, ours] = mesh.signers, [transport, other] = mesh.transports;
  if (!theirs || !ours || !transport || !other) throw new RangeError("a mesh of two has two of everything");
  const genesis: Genesis = {
    network: "light",
    symbol: "AIGENSYN",
    decimals: 9,
    params: devParams({ epochBlocks: 5, unbondingBlocks: 10_000 }),
    accounts: [{ address: ours.address, balance: 50n * UNITS_PER_TOKEN }],
    stakes: [{ address: theirs.address, role: "validator", amount: 5_000n * UNITS_PER_TOKEN }],
    validators: [{ address: theirs.address, beaconKey: new Uint8Array() }],
  };
  const timing = { blockIntervalMs: 40, gatherMs: 5, pollMs: 1000, timeouts: DEFAULT_TIMEOUTS };
  const common = { timers: mesh.network.timers, random: (length: number) => new Uint8Array(length) };
  const validator = startNode({
    ...common,
    transport,
    signer: theirs,
    store: createMemoryStore(),
    blobStore: makeMemoryBlobStore(),
    ledger: { genesis, timing },
  });
  // The asker's node knows nothing of this chain: it only carries questions.
  const asker = startNode({
    ...common,
    transport: other,
    signer: ours,
    store: createMemoryStore(),
    blobStore: makeMemoryBlobStore(),
    ledger: { genesis: { ...genesis, network: "another" } },
  });
  try {
    const there = { peer: transport.self, role: ROLE.validator };
    const source = makeLightSource((question) => asker.actors.ask(there, question, DEADLINE_MS));
    let client = startLightClient(genesisCheckpoint(genesis, 0n), 60_000n, 0n);
    const end = performance.now() + DEADLINE_MS;
    while (client.present.validators.epoch < 3n) {
      assert(performance.now() < end, `after ${DEADLINE_MS} ms it is at height ${client.height}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
      // Before the first block there is nothing to follow.
      client = await followLatest(client, [source], 1n).catch(() => client);
    }
    const { values: [value] } = await readProven(client, source, [accounts.key(ours.address)], 2n);
    assertEquals(value && decode(Account, value).balance, 50n * UNITS_PER_TOKEN);
  } finally {
    await asker.stop();
    await validator.stop();
    await mesh.close();
  }
});
