/**
 * What can be asked of a market actor.
 *
 * @module
 */
import {
  bool,
  bytes32,
  type Infer,
  list,
  nullable,
  oneOf,
  Program,
  record,
  text,
  u32,
  u64,
  union,
} from "../../ledger/primitives/mod.ts";
import { Offer, Task, TaskStatus } from "../../ledger/state/mod.ts";

/** Most offers or tasks of one answer. */
const MAX_LISTED = 512;

/** A question. */
export const MarketQuestion = union("MarketQuestion", {
  /** Is this program fit to be posted, and what would it take? Its blobs must be served by the asker. */
  check: record("CheckProgram", { program: Program, manifest: bytes32 }),
  /** Offers on the market. */
  offers: record("ListOffers", {}),
  /** Tasks, newest first; of one status or of all, with numbers below `before`. */
  tasks: record("ListTasks", { status: nullable(TaskStatus), before: nullable(u64), limit: u32 }),
  /** Why each offer would or would not get a task. */
  explain: record("ExplainMatch", { task: bytes32 }),
});
/** See {@link MarketQuestion}. */
export type MarketQuestion = Infer<typeof MarketQuestion>;

/** What a program takes, from opening it and running its first step here. */
export const Estimate = record("Estimate", {
  /** Blob of the program's identity, steps and segments over all phases, graph nodes of the largest phase. */
  program: bytes32,
  steps: u32,
  segments: u32,
  nodes: u32,
  /** Milliseconds that one step took on this machine, traced, and all steps would by that measure. */
  stepMs: u32,
  totalMs: u64,
  /** Offers that run its engine now, and the lowest price among them; null without any. */
  offers: u32,
  lowestPrice: nullable(u64),
});
/** See {@link Estimate}. */
export type Estimate = Infer<typeof Estimate>;

/** An answer. */
export const MarketAnswer = union("MarketAnswer", {
  fit: record("Fit", { estimate: Estimate }),
  /** It must not be posted as it is; the sentence says what to change. */
  unfit: record("Unfit", { code: text(64), message: text(1024) }),
  offers: record("Offers", {
    offers: list(record("ListedOffer", { offer: Offer, reputationPpm: u32, listed: bool }), MAX_LISTED),
  }),
  tasks: record("Tasks", { tasks: list(Task, MAX_LISTED) }),
  explanation: record("Explanation", {
    offers: list(
      record("OfferExplanation", {
        provider: bytes32,
        price: u64,
        reputationPpm: u32,
        /** Null: it fits. */
        refusal: nullable(oneOf(
          "own_task",
          "excluded",
          "offer_expired",
          "engine_missing",
          "too_little_memory",
          "reward_too_low",
          "no_free_slot",
          "not_staked",
          "stake_does_not_cover_collateral",
        )),
      }),
      MAX_LISTED,
    ),
  }),
});
/** See {@link MarketAnswer}. */
export type MarketAnswer = Infer<typeof MarketAnswer>;
