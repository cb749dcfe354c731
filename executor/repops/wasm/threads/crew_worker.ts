/**
 * Threads as web workers: a leaf, since starting one is the host's authority.
 *
 * @module
 */
import { makeRing, MEMBER, setState } from "./call_ring.ts";
import type { CrewMember, CrewWork } from "./crew.ts";

/** Whether this host has workers and memory that they share. Browsers have it for isolated pages only. */
export function hasThreads(): boolean {
  return typeof Worker !== "undefined" && typeof SharedArrayBuffer !== "undefined";
}

/** Starts a worker without any permission. Until it is up, and if it never comes up, its caller does its work. */
export function startMember(work: CrewWork): CrewMember {
  const ring = makeRing();
  const worker = new Worker(new URL("./member_worker.ts", import.meta.url), {
    type: "module",
    name: "repops",
    deno: { permissions: "none" },
  });
  // A worker that cannot be loaded stays in the state in which nothing is left to it: no reason to end the process.
  worker.addEventListener("error", (event) => event.preventDefault());
  worker.postMessage({ ...work, ring });
  return {
    ring,
    dismiss: () => {
      // A worker that waits within a call is not ended from outside: it has to see that it is dismissed.
      setState(ring, MEMBER.dismissed);
      worker.terminate();
    },
  };
}
