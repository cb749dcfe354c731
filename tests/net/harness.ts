/**
 * What the suites need of a kind of network: nodes that can be started, stopped and started again as themselves, and bare links
 * to misbehave with.
 *
 * @module
 */
import {
  type Limits,
  type Link,
  makeMemoryNetwork,
  makeTransport,
  type MemoryNetwork,
  type ScoredTransport,
  testSigner,
} from "../../net/mod.ts";
import { systemTimers } from "../../net/timers_system.ts";

/** A node and the link below it, for tests that go around the transport. */
export interface TestNode {
  readonly transport: ScoredTransport;
  readonly link: Link;
}

/** Settings of a node under test. */
export interface TestNodeOptions {
  readonly bootstrap?: readonly string[];
  readonly limits?: Partial<Limits>;
  /** Collects what the node reports. */
  readonly report?: (problem: string, error: unknown) => void;
}

/** One kind of network. Node `index` always has the identity `testSigner(index)`. */
export interface Harness {
  /** A bare link of node `index`. Started again after it was closed, it has the same addresses. */
  link(index: number): Promise<Link>;
  /** An address of the right form at which nobody listens. */
  readonly deadAddress: string;
  /** Frees what the harness holds. The nodes are closed by then. */
  close(): Promise<void>;
}

/** A network in memory. */
export function memoryHarness(network: MemoryNetwork = makeMemoryNetwork()): Promise<Harness> {
  return Promise.resolve({
    link: (index) => Promise.resolve(network.link(idOf(index), `memory/node ${index}`)),
    deadAddress: "memory/nobody",
    close: () => Promise.resolve(),
  });
}

/** The peer id of node `index`. */
export function idOf(index: number): string {
  return Array.from(testSigner(index).address, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Runs a test with nodes that are all closed when it ends, however it ends. */
export async function withNodes(
  makeHarness: () => Promise<Harness>,
  test: (tools: {
    readonly start: (index: number, options?: TestNodeOptions) => Promise<TestNode>;
    readonly rawLink: (index: number) => Promise<Link>;
    readonly harness: Harness;
  }) => Promise<void>,
): Promise<void> {
  const harness = await makeHarness();
  const closing: (() => Promise<void>)[] = [];
  try {
    await test({
      harness,
      rawLink: async (index) => {
        const link = await harness.link(index);
        closing.push(() => link.close());
        return link;
      },
      start: async (index, options = {}) => {
        const link = await harness.link(index);
        const transport = makeTransport(link, {
          signer: testSigner(index),
          timers: systemTimers,
          report: () => {},
          ...options,
        });
        closing.push(() => transport.close());
        return { transport, link };
      },
    });
  } finally {
    await Promise.all(closing.map((close) => close()));
    await harness.close();
  }
}

/** What takes a second on an idle machine, on one that does ten other things: three rounds of redialling and more. */
const PATIENCE_MS = 25_000;

/** Waits until `condition` holds; fails after `timeoutMs`. */
export async function until(what: string, condition: () => boolean, timeoutMs = PATIENCE_MS): Promise<void> {
  const start = performance.now();
  while (!condition()) {
    if (performance.now() - start > timeoutMs) {
      throw new Error(`Waited ${timeoutMs} ms in vain until ${what}.`);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
