/**
 * The simulator: whole networks in one thread under a seed, with everything that can go wrong going wrong, and checkers that know what
 * must hold nevertheless. `deno task sim --help` says how to run it.
 *
 * Time, chance, links and disks are simulated; replicas, codecs, signatures and execution are the real ones. Read `network.ts` (the
 * driver), `watcher.ts` and `checkers/` (what must hold), `plan.ts` (what a seed decides), `byzantine/` (who misbehaves and how),
 * `consensus_scenario.ts` (one run), `mutations/` (rules broken on purpose, to show that the checkers find bugs).
 *
 * @module
 */
export { createClock, type VirtualClock } from "./clock.ts";
export { type Dice, makeDice, seededRandom } from "./random.ts";
export { createNetwork, type NetworkOptions, type Penalty, type SimulatedNetwork } from "./network.ts";
export type { Weather } from "./links.ts";
export { type Disk, type NodeSpec, type SimulatedNode, soundDisk } from "./node.ts";
export type { Behaviour, Seat, Twist } from "./behaviour.ts";
export { PromiseBroken, type Watcher } from "./watcher.ts";
export { makeSigningBook, type SigningBook } from "./signing_book.ts";
export { checkAgreement, type Checked, type Checkers, makeCheckers } from "./checkers/mod.ts";
export { findMutation, type Mutation, mutations } from "./mutations/mod.ts";
export { runConsensus } from "./consensus_scenario.ts";
export type { Failure, RunResult } from "./run_result.ts";
export { type Campaign, type Report, runAllMutations, runCampaign } from "./report.ts";
export { type Scenario, scenarios } from "./scenarios.ts";
