import { assertEquals } from "@std/assert/equals.js";
import { RequesterAnswer, RequesterQuestion, ROLE } from "../../../actors/mod.ts";
import { createEngine } from "../../../executor/engines/create_engine_ort.ts";
import { buildInferenceProgram, type Tensor } from "../../../executor/mod.ts";
import { UNITS_PER_TOKEN } from "../../../ledger/mod.ts";
import { bytesToHex, decode, encode } from "../../../ledger/primitives/mod.ts";
import { mlp, uniform } from "../../executor/models.ts";
import { type Noise, noisyDevice } from "../noisy_device.ts";
import { type Member, STAKE, startSmallNetwork } from "./small_network.ts";

const COLLATERAL = 100n * UNITS_PER_TOKEN;
const PARAMS = {
  challengeBlocks: 60,
  acceptBlocks: 100,
  roundBlocks: 100,
  arbiterCommitBlocks: 100,
  arbiterRevealBlocks: 100,
};
const draw = uniform(5);
const x: Tensor = { dtype: "float32", shape: [8, 4], data: Float32Array.from({ length: 32 }, draw) };

/** Devices that are as far off as honest ones may be, and one that is ten times as far off in its sums. */
const ON: Readonly<Record<string, Noise>> = {
  honest: () => 0.4,
  other: () => -0.3,
  wrong: ({ operator }) => operator === "Gemm" || operator === "MatMul" ? 10 : 0.4,
};

const provider = (minReward: bigint, noise: Noise): Pick<Member, "stakes" | "roles" | "device"> => ({
  stakes: ["provider"],
  roles: { provider: { memoryMiB: 1024, minReward, slots: 1 } },
  device: (engine) => noisyDevice(engine, noise),
});

Deno.test("of two providers whose bits differ from everybody's, the one beyond the bound is slashed, and the honest one is paid without a dispute", async () => {
  const network = await startSmallNetwork(
    [
      { name: "v1", stakes: ["validator"], roles: {} },
      { name: "v2", stakes: ["validator"], roles: {} },
      { name: "req", stakes: [], roles: { requester: {} } },
      // The cheaper one is matched first.
      { name: "wrong", ...provider(UNITS_PER_TOKEN, ON["wrong"] ?? (() => 0)) },
      { name: "honest", ...provider(2n * UNITS_PER_TOKEN, ON["honest"] ?? (() => 0)) },
      {
        name: "chal",
        stakes: ["challenger"],
        roles: { challenger: {} },
        device: (engine) => noisyDevice(engine, ON["other"] ?? (() => 0)),
      },
      { name: "arb1", stakes: ["arbiter"], roles: { arbiter: {} } },
      { name: "arb2", stakes: ["arbiter"], roles: { arbiter: {} } },
      { name: "arb3", stakes: ["arbiter"], roles: { arbiter: {} } },
    ],
    PARAMS,
    () => createEngine("ort", { backend: "wasm" }),
  );
  try {
    const requester = network.node("req");
    const call = { signal: AbortSignal.timeout(120_000) };
    const built = buildInferenceProgram({
      engine: network.engine,
      model: mlp(4, [4, 8, 3]),
      inputs: { x: "x" },
      data: [{ name: "x", tensor: x }],
      batchSize: 4,
      segmentSteps: 1,
    });
    for (const { bytes } of built.blobs) await requester.blobs.put(bytes);
    while ((await requester.ledger.query("offers", null, call)).length < 2) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const to = { peer: requester.actors.self, role: ROLE.requester };
    const question: RequesterQuestion = {
      kind: "post",
      title: "a noisy job",
      program: built.program,
      manifest: built.manifestId,
      reward: 20n * UNITS_PER_TOKEN,
      collateral: COLLATERAL,
      gain: 0n,
      auditSegments: 0,
      memoryMiB: 1,
      thresholdPpm: null,
      computeBlocks: 500,
    };
    const answer = decode(
      RequesterAnswer,
      await requester.actors.ask(to, encode(RequesterQuestion, question), 30_000),
    );
    if (answer.kind !== "posted") throw new RangeError(`A post was answered by ${answer.kind}`);
    await network.heard(({ event }) => event.kind === "task_stage" && event.stage === "collected", 90_000);
    const done = await requester.ledger.query("task", answer.task, call);
    assertEquals([done?.status, done?.attempt, done?.disputes], ["done", 2, 1]);
    assertEquals(done?.result?.provider, network.node("honest").address);
    const checked = network.told.flatMap(({ event }) => event.kind === "task_checked" ? [event.agrees] : []);
    assertEquals(checked, [false, true]);
    const [dispute] = await requester.ledger.query("disputesOfTask", answer.task, call);
    assertEquals([dispute?.outcome?.guilty, dispute?.outcome?.reason], ["provider", "wrong_output"]);
    const stakeOf = async (name: string) =>
      (await requester.ledger.query("stake", { role: "provider", address: network.node(name).address }, call))
        .amount;
    assertEquals([await stakeOf("wrong"), await stakeOf("honest")], [STAKE - COLLATERAL, STAKE]);
    assertEquals(
      bytesToHex(dispute?.provider ?? new Uint8Array()),
      bytesToHex(network.node("wrong").address),
    );
  } finally {
    await network.close();
  }
});
