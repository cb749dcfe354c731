import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { assertRejects } from "@std/assert/rejects.js";
import { ActorError } from "../../../actors/runtime/mod.ts";
import { makeRpcClient, makeRpcServer, type RpcClient, type RpcServer } from "../../../actors/runtime/rpc.ts";
import { NetError } from "../../../net/mod.ts";

interface Kitchen {
  cook(
    dish: string,
    options: { readonly onStep: (step: number) => void; readonly signal: AbortSignal },
  ): Promise<string>;
  fail(): Promise<never>;
}

/** A client and a server with structured clone between them. */
function connect(kitchen: object): RpcClient {
  const link: { server?: RpcServer } = {};
  const client = makeRpcClient((call) => {
    const copy = structuredClone(call);
    queueMicrotask(() => link.server?.receive(copy));
  });
  link.server = makeRpcServer({ kitchen }, (answer) => {
    const copy = structuredClone(answer);
    queueMicrotask(() => client.receive(copy));
  });
  return client;
}

Deno.test("functions and signals among the arguments work across the channel", async () => {
  const kitchen: Kitchen = {
    cook: (dish, { onStep, signal }) =>
      new Promise((resolve) => {
        onStep(1);
        onStep(2);
        signal.addEventListener("abort", () => resolve(`${dish}, called off`));
      }),
    fail: () => Promise.reject(new NetError("not_found", "Nobody has it.")),
  };
  const remote = connect(kitchen).service<Kitchen>("kitchen");
  const steps: number[] = [];
  const controller = new AbortController();
  const cooking = remote.cook("soup", { onStep: (step) => steps.push(step), signal: controller.signal });
  await new Promise((resolve) => setTimeout(resolve, 1));
  assertEquals(steps, [1, 2]);
  controller.abort();
  assertEquals(await cooking, "soup, called off");
});

Deno.test("an error keeps its first code; an unknown method is a typed error", async () => {
  const client = connect({ fail: () => Promise.reject(new NetError("not_found", "Nobody has it.")) });
  const kitchen = client.service<Kitchen>("kitchen");
  const error = await assertRejects(() => kitchen.fail(), ActorError, "Nobody has it.");
  assertEquals(error.fields.remoteCode, "not_found");
  const options = { onStep: () => {}, signal: new AbortController().signal };
  assertEquals((await assertRejects(() => kitchen.cook("soup", options), ActorError)).code, "bad_options");
});

Deno.test("closing the client fails what is open", async () => {
  const client = connect({ fail: () => new Promise(() => {}) });
  const open = client.service<Kitchen>("kitchen").fail();
  client.close(new ActorError("stopped", "The worker ends."));
  const error = await assertRejects(() => open, ActorError);
  assert(error.code === "stopped");
});
