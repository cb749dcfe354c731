/**
 * The worker of `worker_test.ts`: does what it is told, also what no actor should.
 *
 * @module
 */
import { serveActor } from "../../../actors/runtime/worker_entry_worker.ts";

/** A service of the host, as the test offers it. */
export interface Adder {
  add(a: number, b: number, onHalf: (half: number) => void): Promise<number>;
}

/** Longer than the test's heartbeat allows, short enough that the lost thread ends soon. */
const SPIN_MS = 5000;

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

function spin(): void {
  const until = performance.now() + SPIN_MS;
  while (performance.now() < until);
}

async function tryToRead(): Promise<string> {
  try {
    await Deno.readTextFile(new URL("./troubled_worker.ts", import.meta.url));
    return "read it";
  } catch (thrown) {
    return thrown instanceof Error ? thrown.name : "threw";
  }
}

serveActor<number, string>(self, ({ service, settings }) => {
  const adder = service<Adder>("adder");
  return {
    topics: [],
    init: () => 0,
    async receive(turns, envelope, context) {
      if (envelope.kind === "finished" && envelope.outcome.ok) {
        const request = Number(envelope.name);
        context.reply(request, text(envelope.outcome.value));
      }
      if (envelope.kind !== "message" || envelope.request === null) return turns + 1;
      const { request } = envelope;
      switch (new TextDecoder().decode(envelope.body)) {
        case "count":
          context.reply(request, text(`${turns} of ${settings}`));
          break;
        case "read":
          context.reply(request, text(await tryToRead()));
          break;
        case "add": {
          const heard: number[] = [];
          context.start(
            `${request}`,
            1000,
            async () => `${await adder.add(2, 4, (half) => heard.push(half))} ${heard}`,
          );
          break;
        }
        case "throw":
          throw new RangeError("a turn failed");
        case "crash":
          setTimeout(() => {
            throw new RangeError("an uncaught error");
          });
          break;
        case "close":
          self.close();
          break;
        case "spin":
          spin();
          break;
      }
      return turns + 1;
    },
  };
});
