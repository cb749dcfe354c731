/**
 * What a mutation is: a rule of the protocol broken on purpose in every honest node, from outside.
 *
 * @module
 */
import type { MemoryStoreOptions } from "../../../ledger/store/mod.ts";
import type { Twist } from "../behaviour.ts";
import type { Disk } from "../node.ts";
import type { PlanWish } from "../plan.ts";
import type { Verification } from "../verification_memo.ts";

/** See the module. */
export interface Mutation {
  readonly name: string;
  /** The rule that it breaks, as a sentence. */
  readonly breaks: string;
  /** Seeds from 1 on within which it must be caught. */
  readonly withinSeeds: number;
  /** What the runs need for the breach to matter. */
  readonly wish: PlanWish;
  readonly twist?: Twist;
  readonly disk?: (options: MemoryStoreOptions) => Disk;
  readonly verification?: Verification;
}
