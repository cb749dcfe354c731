/**
 * Whose turn it is in a dispute and what is asked: everything a party needs to switch over, in one value.
 *
 * @module
 */
import {
  type Address,
  equalBytes,
  type Hash,
  type LeafRange,
  locateSegment,
  type Program,
  type SegmentInput,
  segmentInput,
  splitRange,
} from "../primitives/mod.ts";
import { type Part, partAt } from "./descent.ts";
import type {
  AppealSeat,
  Dispute,
  DisputedChunk,
  DisputedNode,
  DisputedPart,
  DisputedSegment,
  DisputedStep,
  DisputeTree,
  Outcome,
  Reason,
  Seat,
  Unit,
} from "./records.ts";

/** Who must move; `parties`: either may. */
export type Mover = "provider" | "challenger" | "parties" | "arbiters" | "validators" | "ledger" | "nobody";

/** What is asked, of whom. The name is that of the answering move, where there is one. */
export type DisputeTurn =
  /** Answer with `dispute_split`: one top for each of `parts`. */
  | {
    readonly kind: "split";
    readonly by: "provider";
    readonly tree: DisputeTree;
    readonly count: number;
    readonly parts: readonly LeafRange[];
  }
  /** Answer with `dispute_choose`: the position of the leftmost part that differs, and what one has there oneself. */
  | {
    readonly kind: "choose";
    readonly by: "challenger";
    readonly tree: DisputeTree;
    readonly count: number;
    readonly parts: readonly Part[];
  }
  /** Answer with `dispute_bind_segment`. `stepsProof`: the steps tree must be bound, over `steps` leaves; else give null. */
  | {
    readonly kind: "bind_segment";
    readonly by: "provider";
    readonly segment: number;
    readonly input: SegmentInput;
    readonly steps: number;
    readonly stepsProof: boolean;
  }
  /** Answer with `dispute_bind_step`. `inputAt`: position in the steps tree of the input state to prove; null: give null. */
  | {
    readonly kind: "bind_step";
    readonly by: "provider";
    readonly within: DisputedSegment;
    readonly step: number;
    readonly inputAt: number | null;
  }
  /** Answer with `dispute_choose_tree`. */
  | { readonly kind: "choose_tree"; readonly by: "challenger"; readonly of: DisputedStep }
  /** Answer with `dispute_open_node`, and `dispute_open_inputs` if one transaction does not hold it: see `nodeMoves`. */
  | { readonly kind: "open_node"; readonly by: "provider"; readonly at: DisputedNode }
  /** Answer with `dispute_open_inputs` from input `from` on. */
  | {
    readonly kind: "open_inputs";
    readonly by: "provider";
    readonly at: DisputedNode;
    readonly from: number;
  }
  /** Answer with `dispute_open_output`. */
  | {
    readonly kind: "open_output";
    readonly by: "provider";
    readonly of: DisputedStep;
    readonly output: number;
  }
  /** Answer with `dispute_choose_output`. What was opened is in `openedNodes`. */
  | { readonly kind: "choose_output"; readonly by: "challenger"; readonly at: DisputedNode }
  /** Answer with `dispute_open_tensor`. */
  | {
    readonly kind: "open_tensor";
    readonly by: "provider";
    readonly at: DisputedNode;
    readonly output: number;
  }
  /** Answer with `dispute_open_leaf`: the values of leaf `position` of the chunk. */
  | {
    readonly kind: "open_leaf";
    readonly by: "provider";
    readonly of: DisputedChunk;
    readonly position: number;
  }
  /** Answer with `dispute_choose_element`. The first of `values` is element `first` of the output. */
  | {
    readonly kind: "choose_element";
    readonly by: "challenger";
    readonly of: DisputedChunk;
    readonly first: number;
    readonly values: readonly number[];
  }
  /** Answer with `dispute_open_sum`: the sum of each child of the part. What they are follows from the opened node, see `childrenOf`. */
  | { readonly kind: "open_sum"; readonly by: "provider"; readonly of: DisputedPart }
  /** Answer with `dispute_choose_part`. */
  | {
    readonly kind: "choose_part";
    readonly by: "challenger";
    readonly of: DisputedPart;
    readonly sums: readonly number[];
  }
  /** The ledger draws the arbiters at the deadline. */
  | { readonly kind: "draw"; readonly by: "ledger"; readonly at: DisputedNode; readonly unit: Unit }
  /** Each of `awaited` answers with `arbiter_commit`. What to execute is in `openedNodes`. */
  | {
    readonly kind: "commit";
    readonly by: "arbiters";
    readonly at: DisputedNode;
    readonly unit: Unit;
    readonly awaited: readonly Address[];
  }
  /** Each of `awaited` answers with `arbiter_reveal`. */
  | {
    readonly kind: "reveal";
    readonly by: "arbiters";
    readonly at: DisputedNode;
    readonly unit: Unit;
    readonly awaited: readonly Address[];
  }
  /** Either party may answer with `appeal_verdict`; if none does the verdict is final. */
  | {
    readonly kind: "verdict";
    readonly by: "parties";
    readonly at: DisputedNode;
    readonly unit: Unit;
    readonly reason: Reason;
  }
  /** Each validator of `appealSeats` without a commitment answers with `appeal_commit`. */
  | {
    readonly kind: "appeal_commit";
    readonly by: "validators";
    readonly at: DisputedNode;
    readonly unit: Unit;
  }
  /** Each validator that committed answers with `appeal_reveal`. */
  | {
    readonly kind: "appeal_reveal";
    readonly by: "validators";
    readonly at: DisputedNode;
    readonly unit: Unit;
  }
  /** Nothing is asked until another dispute of the result is over. */
  | { readonly kind: "wait"; readonly by: "nobody" }
  /** Nothing is asked: the verdict of dispute `into` is this one's. */
  | { readonly kind: "merged"; readonly by: "nobody"; readonly into: Hash }
  | { readonly kind: "closed"; readonly by: "nobody"; readonly outcome: Outcome | null };

function seated(seats: readonly Seat[], awaited: (seat: Seat) => boolean): readonly Address[] {
  return seats.filter(awaited).map(({ arbiter }) => arbiter);
}

/** The turn of a dispute about a run of `program`. */
export function disputeTurn({ stage, outcome }: Dispute, program: Program): DisputeTurn {
  switch (stage.kind) {
    case "descend": {
      const { tree, count, tops } = stage;
      const parts = splitRange(stage);
      if (tops.length === 0) return { kind: "split", by: "provider", tree, count, parts };
      const posted = parts.flatMap((_, index) => partAt(stage, index) ?? []);
      return { kind: "choose", by: "challenger", tree, count, parts: posted };
    }
    case "bind_segment": {
      const { segment } = stage;
      const location = locateSegment(program, segment);
      const steps = location === undefined ? 0 : location.endStep - location.firstStep;
      return {
        kind: "bind_segment",
        by: "provider",
        segment,
        input: segmentInput(program, segment),
        steps,
        stepsProof: location?.phase.mode === "carry" && steps > 1,
      };
    }
    case "bind_step": {
      const { within, step } = stage;
      const location = locateSegment(program, within.segment);
      const first = location === undefined || step === location.firstStep;
      const inputAt = first || location.phase.mode === "map" ? null : step - location.firstStep - 1;
      return { kind: "bind_step", by: "provider", within, step, inputAt };
    }
    case "choose_tree":
      return { kind: "choose_tree", by: "challenger", of: stage.of };
    case "open_node":
      return { kind: "open_node", by: "provider", at: stage.at };
    case "open_inputs":
      return { kind: "open_inputs", by: "provider", at: stage.at, from: stage.proven };
    case "choose_output":
      return { kind: "choose_output", by: "challenger", at: stage.at };
    case "open_tensor":
      return { kind: "open_tensor", by: "provider", at: stage.at, output: stage.output };
    case "open_output":
      return { kind: "open_output", by: "provider", of: stage.of, output: stage.output };
    case "open_leaf":
      return { kind: "open_leaf", by: "provider", of: stage.of, position: stage.position };
    case "choose_element": {
      const { of, first, values } = stage;
      return { kind: "choose_element", by: "challenger", of, first, values };
    }
    case "open_sum":
      return { kind: "open_sum", by: "provider", of: stage.of };
    case "choose_part":
      return { kind: "choose_part", by: "challenger", of: stage.of, sums: stage.sums };
    case "draw":
      return { kind: "draw", by: "ledger", at: stage.at, unit: stage.unit };
    case "commit": {
      const awaited = seated(stage.seats, ({ commitment }) => commitment === null);
      return { kind: "commit", by: "arbiters", at: stage.at, unit: stage.unit, awaited };
    }
    case "reveal": {
      const awaited = seated(
        stage.seats,
        ({ commitment, verdict }) => commitment !== null && verdict === null,
      );
      return { kind: "reveal", by: "arbiters", at: stage.at, unit: stage.unit, awaited };
    }
    case "verdict":
      return { kind: "verdict", by: "parties", at: stage.at, unit: stage.unit, reason: stage.reason };
    case "appeal_commit":
    case "appeal_reveal":
      return { kind: stage.kind, by: "validators", at: stage.at, unit: stage.unit };
    case "wait":
      return { kind: "wait", by: "nobody" };
    case "merged":
      return { kind: "merged", by: "nobody", into: stage.into };
    case "closed":
      return { kind: "closed", by: "nobody", outcome };
  }
}

/** Whether a turn of an appeal asks something of a validator with one of these seats. */
export function isAskedOnAppeal(
  { kind }: DisputeTurn,
  seats: readonly AppealSeat[],
  account: Address,
): boolean {
  const seat = seats.find(({ validator }) => equalBytes(validator, account));
  if (seat === undefined) return false;
  if (kind === "appeal_commit") return seat.commitment === null;
  return kind === "appeal_reveal" && seat.commitment !== null && seat.verdict === null;
}

/** Whether a turn asks something of an account. Of a validator the state must be asked, see `isAskedOnAppeal`. */
export function isAskedOf(turn: DisputeTurn, dispute: Dispute, account: Address): boolean {
  switch (turn.by) {
    case "provider":
      return equalBytes(dispute.provider, account);
    case "challenger":
      return equalBytes(dispute.challenger, account);
    case "parties":
      return equalBytes(dispute.provider, account) || equalBytes(dispute.challenger, account);
    case "arbiters":
      return turn.awaited.some((arbiter) => equalBytes(arbiter, account));
    default:
      return false;
  }
}
