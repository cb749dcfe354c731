import { assertEquals } from "@std/assert/equals.js";
import type { Operation } from "../../../ledger/chain/mod.ts";
import { beaconSignerFromSeed } from "../../../ledger/primitives/mod.ts";
import { beaconKeys, validatorSetOf } from "../../../ledger/state/mod.ts";
import { addressOf, STAKE, type TestChain, testChain } from "../chain/test_chain.ts";
import { mark } from "../chain/test_task.ts";

const FREE = { feePerByte: 0n, feePerWeight: 0n, blockReward: 0n, epochBlocks: 5, unbondingBlocks: 20 };
const beacon = beaconSignerFromSeed(mark("beacon"));

function register(owner: string): Operation {
  return {
    kind: "register_beacon_key",
    publicKey: beacon.publicKey,
    proof: beacon.provePossession(addressOf(owner)),
  };
}

/** The key of val2 in the set of an epoch; empty if it has none. */
function keyIn(chain: TestChain, epoch: bigint): Uint8Array | undefined {
  const own = addressOf("val2");
  return validatorSetOf(chain.state(), epoch)?.validators
    .find(({ address }) => address.every((byte, i) => byte === own[i]))?.beaconKey;
}

Deno.test("a beacon key takes effect two epochs ahead, in whichever block of an epoch it is registered", () => {
  for (const wait of [0, 4]) {
    const chain = testChain(FREE);
    chain.advance(wait);
    chain.accept("val2", register("val2"));
    assertEquals(chain.height(), BigInt(wait + 1), "epoch 0");
    chain.advance(11 - wait);
    assertEquals([0n, 1n].map((epoch) => keyIn(chain, epoch)?.length), [0, 0]);
    assertEquals([2n, 3n].map((epoch) => keyIn(chain, epoch)), [beacon.publicKey, beacon.publicKey]);
  }
});

Deno.test("a beacon key needs its owner's proof of possession, and a validator's stake", () => {
  const chain = testChain(FREE);
  const code = (name: string, operation: Operation) => chain.send(name, operation).code;
  assertEquals(code("val2", register("val3")), "bad_proof_of_possession");
  const forged: Operation = {
    kind: "register_beacon_key",
    publicKey: new Uint8Array(48),
    proof: new Uint8Array(96),
  };
  assertEquals(code("val2", forged), "bad_proof_of_possession");
  assertEquals(code("alice", register("alice")), "not_a_validator");
});

Deno.test("a registration leaves the state with the last of its owner's stake", () => {
  const chain = testChain(FREE);
  chain.accept("val2", register("val2"));
  chain.accept("val2", { kind: "unstake", role: "validator", amount: STAKE });
  assertEquals(beaconKeys.get(chain.state(), addressOf("val2")), undefined);
});
