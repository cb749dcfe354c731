/**
 * What a stage stands on: time, wires and disks. The same play is played in virtual time (`virtual_ground.ts`) and, over real connections, by the
 * demo of cheats.
 *
 * @module
 */
import type { DutyTimes } from "../../../actors/mod.ts";
import type { Engine } from "../../../executor/mod.ts";
import type { Params } from "../../../ledger/mod.ts";
import type { Timing } from "../../../ledger/node/mod.ts";
import type { Hash, Signer } from "../../../ledger/primitives/mod.ts";
import type { Store } from "../../../ledger/store/mod.ts";
import type { BlobStore, Timers, Transport } from "../../../net/mod.ts";

/** What a node keeps. */
export interface NodeDisk {
  readonly store: Store;
  readonly blobStore: BlobStore;
}

/** See the module. */
export interface Ground {
  readonly timers: Timers;
  readonly timing: Timing;
  readonly times?: DutyTimes;
  /** An engine that stays when the play is over. Default: each play starts its own. */
  readonly engine?: Engine;
  /** The chain's windows, in blocks, that suit its time. */
  readonly windows: Partial<Params>;
  /** The key of a name. */
  signer(name: string): Signer;
  /** One transport for each name, all part of one network. */
  connect(names: readonly string[]): Promise<readonly Transport[]>;
  /** The disk of a node on a chain. */
  disk(name: string, chainId: Hash): Promise<NodeDisk>;
  random(length: number): Uint8Array;
  /**
   * Waits for something that the code under test does, while time passes.
   *
   * @throws {PromiseBroken} `liveness` if it takes longer than `limitMs`; what the work throws.
   */
  during<T>(what: string, limitMs: number, work: Promise<T>): Promise<T>;
  /** Lets time pass. */
  pass(ms: number): Promise<void>;
}
