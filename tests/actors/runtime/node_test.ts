import { assertEquals } from "@std/assert/equals.js";
import { assertRejects } from "@std/assert/rejects.js";
import { type Actor, ActorError, inThread, startActorNode } from "../../../actors/runtime/mod.ts";
import { makeMemoryMesh } from "../../../net/mod.ts";

const BYTE = (value: number) => new Uint8Array([value]);

/** Answers questions with one more than the byte asked; gossips a 0; refuses a 99; dies of a 13; tells siblings of a 7. */
function increment(log: string[]): Actor<null, null> {
  return {
    topics: ["news"],
    init: () => null,
    receive(state, envelope, context) {
      switch (envelope.kind) {
        case "message": {
          const value = envelope.body[0] ?? 0;
          if (envelope.request === null) log.push(`told ${value} by ${envelope.from.role}`);
          else if (value === 99) {
            context.refuse(envelope.request, { code: "rejected", message: "Ask for less than 99." });
          } else context.reply(envelope.request, BYTE(value + 1));
          if (value === 0) context.publish("news", BYTE(1));
          if (value === 7) context.notify("seven", BYTE(7));
          if (value === 8) context.send({ peer: context.self.peer, role: "nobody" }, BYTE(8));
          if (value === 9 && envelope.request !== null) {
            context.send({ peer: context.self.peer, role: "other" }, BYTE(9));
          }
          if (value === 13) throw new RangeError("thirteen");
          return state;
        }
        case "published":
          log.push(`heard ${envelope.body[0]} on ${envelope.topic}`);
          return state;
        case "notice":
          log.push(`noticed ${envelope.name} of ${envelope.from}`);
          return state;
        case "undelivered":
          log.push(`undelivered to ${envelope.to.role}: ${envelope.error.code}`);
          return state;
        default:
          return state;
      }
    },
  };
}

async function withTwoNodes(
  test: (
    nodes: { a: ReturnType<typeof startActorNode>; b: ReturnType<typeof startActorNode>; log: string[] },
  ) => Promise<void>,
) {
  const mesh = await makeMemoryMesh(2);
  const log: string[] = [];
  const [a, b] = mesh.transports.map((transport, i) =>
    startActorNode({
      transport,
      timers: mesh.network.timers,
      random: (length) => new Uint8Array(length),
      actors: ["increment", "other"].map((role) => inThread(role, () => increment(i === 0 ? log : []))),
      policy: { firstPauseMs: 1 },
    })
  );
  try {
    if (a === undefined || b === undefined) throw new RangeError("A mesh of two has two transports");
    await test({ a, b, log });
  } finally {
    await a?.stop();
    await b?.stop();
    await mesh.close();
  }
}

Deno.test("an actor answers a question, of its own node and of another", async () => {
  await withTwoNodes(async ({ a, b }) => {
    assertEquals(await a.ask({ peer: a.self, role: "increment" }, BYTE(4), 1000), BYTE(5));
    assertEquals(await b.ask({ peer: a.self, role: "increment" }, BYTE(5), 1000), BYTE(6));
  });
});

Deno.test("a refusal, an absent actor and an actor that dies of the question each give their typed error", async () => {
  await withTwoNodes(async ({ a, b }) => {
    for (const asker of [a, b]) {
      const ask = (role: string, value: number) => asker.ask({ peer: a.self, role }, BYTE(value), 2000);
      const codes = [];
      for (const [role, value] of [["increment", 99], ["nobody", 1], ["increment", 13]] as const) {
        codes.push((await assertRejects(() => ask(role, value), ActorError)).code);
      }
      assertEquals(codes, ["rejected", "no_such_actor", "restarted"]);
      assertEquals(await ask("increment", 1), BYTE(2));
    }
  });
});

Deno.test("siblings get messages and notices, senders hear of what was not delivered, gossip reaches other nodes", async () => {
  await withTwoNodes(async ({ a, b, log }) => {
    await a.ask({ peer: a.self, role: "increment" }, BYTE(7), 1000);
    await a.ask({ peer: a.self, role: "increment" }, BYTE(8), 1000);
    await a.ask({ peer: a.self, role: "increment" }, BYTE(9), 1000);
    await b.ask({ peer: b.self, role: "increment" }, BYTE(0), 1000);
    await a.ask({ peer: a.self, role: "other" }, BYTE(1), 1000);
    await a.ask({ peer: a.self, role: "increment" }, BYTE(1), 1000);
    assertEquals(log.toSorted(), [
      "heard 1 on news",
      "heard 1 on news",
      "noticed seven of increment",
      "told 9 by increment",
      "undelivered to nobody: no_such_actor",
    ]);
  });
});
