/**
 * A node of a simulated network: its disk, which outlives crashes, and its present life, which does not.
 *
 * @module
 */
import type { Replica, ReplicaOptions } from "../../ledger/node/mod.ts";
import { createMemoryStore, type MemoryStoreOptions, type Store } from "../../ledger/store/mod.ts";
import { bytesToHex, type Signer } from "../../ledger/primitives/mod.ts";
import type { Behaviour, Twist } from "./behaviour.ts";

/** What a node keeps when it crashes. */
export interface Disk {
  readonly store: Store;
  /** The machine dies: what was not durable is gone. */
  crash(): void;
}

/** A disk that keeps what it has acknowledged. */
export function soundDisk(options: MemoryStoreOptions = {}): Disk {
  return { store: createMemoryStore(options), crash: () => {} };
}

/** What a node is made from. */
export interface NodeSpec {
  readonly name: string;
  /** Votes with this key. With the signer of another node it becomes that one's twin. */
  readonly signer?: Signer;
  readonly disk?: Disk;
  /** What is not as it should be about it. */
  readonly twist?: Twist;
  /** Its clock runs this many times as fast as the true one. Default: 1. */
  readonly clockRate?: number;
  /** Options of its replica that differ from the network's. */
  readonly options?: Partial<Pick<ReplicaOptions, "snapshotEvery" | "keepBlocks" | "checkpoint">>;
}

/** A node. Mutable; the network alone writes it. */
export interface SimulatedNode {
  readonly spec: NodeSpec;
  readonly name: string;
  readonly signer: Signer | undefined;
  /** Hexadecimal address; undefined for a follower. */
  readonly address: string | undefined;
  readonly disk: Disk;
  /** Absent while it is down. */
  replica: Replica | undefined;
  behaviour: Behaviour | undefined;
  /** Counts starts, so that timers of an earlier life do nothing. */
  life: number;
  /** What waits for a paused node; undefined: it runs. */
  held: (() => void)[] | undefined;
}

/** A node that has not been started. */
export function makeNode(spec: NodeSpec): SimulatedNode {
  const { name, signer } = spec;
  return {
    spec,
    name,
    signer,
    address: signer === undefined ? undefined : bytesToHex(signer.address),
    disk: spec.disk ?? soundDisk(),
    replica: undefined,
    behaviour: undefined,
    life: 0,
    held: undefined,
  };
}
