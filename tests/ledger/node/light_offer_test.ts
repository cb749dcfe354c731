import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { assertRejects } from "@std/assert/rejects.js";
import {
  followLatest,
  genesisCheckpoint,
  type LightClient,
  LightError,
  type LightSource,
  readProven,
  startLightClient,
} from "../../../ledger/light/mod.ts";
import { answerRequest, NodeAnswer, NodeRequest } from "../../../ledger/node/mod.ts";
import { decode, encode } from "../../../ledger/primitives/mod.ts";
import { Account, accounts } from "../../../ledger/state/mod.ts";
import { createNetwork, type SimulatedNetwork } from "../../../tools/simulation/mod.ts";
import { TEST_TIMING, testGenesis, testSigner } from "../../simulation/chain_fixture.ts";

const NAMES = ["v0", "v1", "v2", "v3"];
const EPOCH_BLOCKS = 10;
const PERIOD_MS = 60_000n;

/** A network with epochs of ten blocks, four of which unbonding lasts. Nodes forget all blocks below a snapshot. */
function network() {
  const signers = NAMES.map(testSigner);
  const genesis = testGenesis(signers, undefined, { epochBlocks: EPOCH_BLOCKS, unbondingBlocks: 40 });
  const simulated = createNetwork({ seed: 8, genesis, timing: TEST_TIMING, snapshotEvery: 7n });
  NAMES.forEach((name, i) => {
    const signer = signers[i];
    simulated.add({ name, ...(signer === undefined ? {} : { signer }), options: { keepBlocks: 0n } });
  });
  const reach = (height: bigint) =>
    simulated.runUntil(
      () => NAMES.every((name) => simulated.heightOf(name) >= height),
      120_000,
      `reach ${height}`,
    );
  return { simulated, genesis, reach };
}

/** What a node of the simulation answers light clients. */
function sourceOf(simulated: SimulatedNetwork, name: string): LightSource {
  const put = (request: NodeRequest): NodeAnswer => {
    const { replica, disk } = simulated.nodes.get(name) ?? {};
    if (replica === undefined || disk === undefined) throw new RangeError(`Node "${name}" is down`);
    return decode(NodeAnswer, answerRequest(replica, disk.store, encode(NodeRequest, request)));
  };
  return {
    links(from) {
      const answer = put({ kind: "light_links", from });
      return answer.kind === "light_links" ? Promise.resolve(answer.links) : Promise.reject(answer);
    },
    state(keys) {
      const answer = put({ kind: "light_state", keys });
      return answer.kind === "light_state" && answer.state !== null
        ? Promise.resolve(answer.state)
        : Promise.reject(answer);
    },
  };
}

function headOf(simulated: SimulatedNetwork, name: string) {
  const head = simulated.nodes.get(name)?.replica?.head;
  if (head === undefined) throw new RangeError(`Node "${name}" is down`);
  return head;
}

const codeOf = async (action: () => Promise<unknown>) => (await assertRejects(action, LightError)).code;

Deno.test("a light client follows live nodes from genesis over several epochs, and reads what their state holds", async () => {
  const { simulated, genesis, reach } = network();
  reach(34n);
  const start = startLightClient(genesisCheckpoint(genesis, 0n), PERIOD_MS, 1n);
  const client = await followLatest(start, NAMES.map((name) => sourceOf(simulated, name)), 2n);
  const { height, state } = headOf(simulated, "v0");
  assertEquals([client.height, client.trustedAtMs], [height, 2n]);
  assertEquals(client.present.validators.epoch, (height - 1n) / BigInt(EPOCH_BLOCKS));

  const key = accounts.key(testSigner("v1").address), nobody = accounts.key(new Uint8Array(32).fill(9));
  const { values } = await readProven(client, sourceOf(simulated, "v2"), [key, nobody], 3n);
  assertEquals(values, [state.get(key), undefined]);
  const [value = new Uint8Array()] = values;
  assert(decode(Account, value).balance > 0n);
});

Deno.test("a client that knows the middle of an epoch goes on from it, and one that knows its end too", async () => {
  const { simulated, genesis, reach } = network();
  const sources = [sourceOf(simulated, "v0")];
  let client: LightClient = startLightClient(genesisCheckpoint(genesis, 0n), PERIOD_MS, 0n);
  const epochs = new Set<bigint>();
  for (const height of [5n, 10n, 17n, 20n, 30n, 45n]) {
    reach(height);
    client = await followLatest(client, sources, height);
    assertEquals(client.height, headOf(simulated, "v0").height);
    epochs.add(client.present.validators.epoch);
  }
  assert(epochs.size >= 4);
});

Deno.test("links outlive restarts and forgotten blocks, as long as stake of their validators is slashable, and no longer", async () => {
  const { simulated, genesis, reach } = network();
  reach(95n);
  const { store } = simulated.nodes.get("v1")?.disk ?? {};
  assert((store?.firstHeight ?? 0n) > 80n, "blocks of earlier epochs were forgotten");
  assertEquals([0n, 2n, 3n, 8n].map((epoch) => store?.linkAt(epoch) !== undefined), [
    false,
    false,
    true,
    true,
  ]);
  simulated.crash("v1");
  simulated.start("v1");
  const source = sourceOf(simulated, "v1");
  assertEquals((await source.links(3n)).links.length, 6);
  const old = startLightClient(genesisCheckpoint(genesis, 0n), PERIOD_MS, 0n);
  const { message } = await assertRejects(() => followLatest(old, [source], 1n), LightError);
  assert(message.includes("does not have the end of epoch 0"), message);
});

Deno.test("a node that lies, goes in circles, is behind or leaves out a key leads a client nowhere", async () => {
  const { simulated, genesis, reach } = network();
  reach(24n);
  const honest = sourceOf(simulated, "v0");
  const start = startLightClient(genesisCheckpoint(genesis, 0n), PERIOD_MS, 0n);
  const early = await honest.state([]);
  reach(34n);

  const circling: LightSource = { ...honest, links: () => honest.links(0n) };
  const shifted: LightSource = { ...honest, links: (from) => honest.links(from + 1n) };
  const swapped: LightSource = {
    ...honest,
    async links(from) {
      const { links } = await honest.links(from);
      return { links: links.map((link) => ({ ...link, next: { ...link.next, seed: new Uint8Array(32) } })) };
    },
  };
  for (const liar of [shifted, swapped]) {
    assertEquals(await codeOf(() => followLatest(start, [liar], 1n)), "bad_header");
    // One honest node among many is enough.
    assertEquals((await followLatest(start, [liar, honest], 1n)).height, headOf(simulated, "v0").height);
  }
  // What it repeats is not taken twice: it must lead on with every answer.
  const middle = await followLatest(start, [honest], 1n);
  reach(54n);
  assertEquals(await codeOf(() => followLatest(middle, [circling], 2n)), "bad_header");

  const behind: LightSource = { ...honest, state: () => Promise.resolve(early) };
  assertEquals(await codeOf(() => followLatest(middle, [behind], 2n)), "bad_header");
  const key = accounts.key(testSigner("v1").address);
  const silent: LightSource = { ...honest, state: () => honest.state([]) };
  assertEquals(await codeOf(() => readProven(middle, silent, [key], 2n)), "bad_proof");
  assertEquals(await codeOf(() => followLatest(middle, [honest], PERIOD_MS + 2n)), "trust_expired");
});

Deno.test("reading does not renew trust: a node might show a block that is long final", async () => {
  const { simulated, genesis, reach } = network();
  reach(24n);
  const start = startLightClient(genesisCheckpoint(genesis, 0n), PERIOD_MS, 0n);
  const { client } = await readProven(start, sourceOf(simulated, "v0"), [], 5_000n);
  assertEquals([client.height, client.trustedAtMs], [headOf(simulated, "v0").height, 0n]);
});
