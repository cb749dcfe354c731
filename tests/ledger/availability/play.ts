/**
 * A result of real blobs on the toy chain, opened, with a committee of so many challengers.
 *
 * @module
 */
import { assertEquals } from "@std/assert/equals.js";
import type { Operation } from "../../../ledger/chain/mod.ts";
import {
  availabilities,
  type Availability,
  type Demand,
  type DemandedBlob,
} from "../../../ledger/availability/mod.ts";
import type { Address } from "../../../ledger/primitives/mod.ts";
import { runQuery } from "../../../ledger/chain/mod.ts";
import { submittedRun, tokens, type ToyChain, type ToySettings } from "../disputes/toy_chain.ts";
import { proofOf, REAL, SEGMENT_ROOTS } from "./real_blobs.ts";

export const PAY = tokens(2), ABSENCE = tokens(1), FEE = tokens(4);

export const OPTIONS = {
  auditors: 3,
  auditorCount: 0,
  certifierCount: 3,
  certifierPay: PAY,
  auditSharePpm: 0,
  certifierAbsencePenalty: ABSENCE,
  certifyBlocks: 6,
  demandFee: FEE,
  demandBlocks: 4,
  challengeBlocks: 20,
  recordDeposit: 0n,
  program: REAL,
} as const;

/** A chain on which the result is opened. */
export function openedResult(changes: ToySettings = {}): ToyChain {
  return submittedRun({ segmentRoots: SEGMENT_ROOTS }, { ...OPTIONS, ...changes });
}

/** The availability of the result. */
export function availabilityOf(chain: ToyChain): Availability {
  const found = availabilities.get(chain.state(), chain.taskId);
  if (found === undefined) throw new Error("there is no result");
  return found;
}

/** Blocks until a committee is drawn. Gives its members. */
export function drawn(chain: ToyChain): readonly Address[] {
  for (let blocks = 0; availabilityOf(chain).stage === "draw"; blocks++) {
    if (blocks > 50) throw new Error("no committee is drawn");
    chain.block();
  }
  return availabilityOf(chain).seats.map(({ member }) => member);
}

/** Blocks until a result's certification is at an end. */
export function decided(chain: ToyChain): Availability["stage"] {
  for (let blocks = 0; ["draw", "certify"].includes(availabilityOf(chain).stage); blocks++) {
    if (blocks > 500) throw new Error("the certification hangs");
    chain.block();
  }
  return availabilityOf(chain).stage;
}

/** Blocks until the result's attempt has ended. */
export function ended(chain: ToyChain): ReturnType<ToyChain["task"]>["status"] {
  for (let blocks = 0; ["auditing", "submitted", "disputed"].includes(chain.task().status); blocks++) {
    if (blocks > 1000) throw new Error("the result hangs");
    chain.block();
  }
  return chain.task().status;
}

export function certify({ taskId: task }: ToyChain): Operation {
  return { kind: "certify_result", task };
}

export function demand({ taskId: task }: ToyChain, what: DemandedBlob, chunk = 0): Operation {
  return { kind: "demand_chunk", task, what, chunk };
}

/** The answer to an open demand. */
export function answer({ taskId: task }: ToyChain, { id, what, chunk }: Demand): Operation {
  return { kind: "answer_chunk", task, demand: id, proof: proofOf(what, chunk) };
}

/** Demands a chunk, which must be accepted. */
export function demanded(chain: ToyChain, by: Address, what: DemandedBlob, chunk = 0): Demand {
  assertEquals(chain.block([by, demand(chain, what, chunk)]), [null]);
  const found = runQuery(chain.state(), "availability", chain.taskId)?.demands.at(-1);
  if (found === undefined) throw new Error("nothing is demanded");
  return found;
}
