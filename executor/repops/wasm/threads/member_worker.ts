/**
 * The program of a worker: it takes one message, a {@link CrewWork} with a ring, and makes the ring's calls until it is dismissed.
 *
 * @module
 */
import { makeCalls, type RingMemory } from "./call_ring.ts";
import type { CrewWork } from "./crew.ts";

self.addEventListener("message", (event: MessageEvent<CrewWork & { readonly ring: RingMemory }>) => {
  const { module, memory, kernels, ring } = event.data;
  const { exports } = new WebAssembly.Instance(module, { host: { memory } });
  const functions = kernels.map((name) => exports[name]);
  makeCalls(ring, (kernel, parameters) => {
    const call = functions[kernel];
    if (typeof call !== "function") throw new TypeError(`There is no kernel ${kernels[kernel] ?? kernel}.`);
    call(...parameters);
  });
  self.close();
}, { once: true });
