/**
 * What a strategy of somebody who does not keep to the rules is made of.
 *
 * @module
 */
import type { Engine } from "../../../executor/mod.ts";
import type { Params } from "../../../ledger/mod.ts";
import type { Outcome } from "../../../ledger/disputes/mod.ts";
import type { Player } from "../market/cast.ts";
import type { Dice } from "../random.ts";
import type { JobPlan } from "./training_job.ts";

/** Whose strategy it is. */
export type CheatRole = "provider" | "challenger" | "arbiter" | "requester";

/** One strategy of the catalogue. */
export interface Cheat {
  /** Of small letters and hyphens. */
  readonly name: string;
  readonly role: CheatRole;
  /** What it tries, as a sentence about "it". */
  readonly tries: string;
  /** How that must end, as a sentence. */
  readonly ends: string;
  /** The strategy under one seed. */
  plan(dice: Dice): Plan;
}

/** A job that is posted in a plan. */
export interface PlannedJob {
  readonly plan: JobPlan;
  /** What its requester does wrong. Default: nothing. */
  readonly flaw?: "files withheld" | "files of another program";
  /** Window for the result, in blocks. Default: one that suffices. */
  readonly computeBlocks?: number;
}

/** A strategy played once: who is on stage, what is posted, and how it must end. */
export interface Plan {
  /** What chance decided, in a few words. */
  readonly detail: string;
  readonly players: readonly Player[];
  /** Parameters of the chain that are others than the ground's, where there are no audits. */
  readonly rules?: Partial<Params>;
  /** What everybody computes on, made of the ground's engine. Default: that engine. */
  readonly device?: (own: Engine) => Engine;
  /** Posted one after another, each when the one before is matched. */
  readonly jobs: readonly PlannedJob[];
  /** Names of those who cheat. */
  readonly guilty: readonly string[];
  /** How it must end by the rules, computed from the parameters alone. */
  expected(params: Params): Expected;
}

/** How a play must end. */
export interface Expected {
  /** Each task in the order of posting: who is paid for it; null if it fails and is refunded. */
  readonly paid: readonly (string | null)[];
  /** Each dispute in the order of opening: who is guilty, and why. */
  readonly disputes: readonly Pick<Outcome, "guilty" | "reason">[];
  /** What requesters pay auditors. Default: nothing. */
  readonly auditPay?: bigint;
  /** By how much everybody's balance and stakes change, fees and the income of validators aside. Who is not named: not at all. */
  readonly changes: Changes;
}

/** Gains and losses by name, in the smallest unit. */
export type Changes = Readonly<Record<string, bigint>>;
