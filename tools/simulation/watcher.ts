/**
 * What can be seen of a network from outside: checkers, the digest and the trace all live on this.
 *
 * @module
 */
import type { Evidence } from "../../ledger/consensus/mod.ts";
import type { FinalizedNotice, NodeMessage } from "../../ledger/node/mod.ts";
import type { FinalizedBlock } from "../../ledger/store/mod.ts";
import type { CodedError } from "../../ledger/primitives/mod.ts";
import type { SimulatedNode } from "./node.ts";

/** Sees what happens, in order. Whoever finds a promise broken throws {@link PromiseBroken}. */
export interface Watcher {
  /** A node sends or publishes a message. `undefined`: bytes that are none. */
  sent?(node: SimulatedNode, message: NodeMessage | undefined): void;
  /** A message reaches a running node. */
  delivered?(node: SimulatedNode, from: string, message: NodeMessage | undefined): void;
  finalized?(node: SimulatedNode, notice: FinalizedNotice): void;
  /** A node goes on from the state of others, after this final block. */
  adopted?(node: SimulatedNode, block: FinalizedBlock): void;
  /** A node holds evidence against a validator. */
  accused?(node: SimulatedNode, evidence: Evidence): void;
  /** A node blames a peer. */
  blamed?(node: SimulatedNode, peer: string, error: CodedError): void;
  started?(node: SimulatedNode): void;
  stopped?(node: SimulatedNode, why: string): void;
  /** Anything else worth a line in the trace. */
  noted?(text: string): void;
}

/** A broken promise: what a simulation looks for. */
export class PromiseBroken extends Error {
  constructor(
    /** Stable name of the promise, for example `agreement`. */
    readonly invariant: string,
    message: string,
  ) {
    super(`${invariant}: ${message}`);
    this.name = "PromiseBroken";
  }
}
