/**
 * Playing a dispute on a toy chain to its end.
 *
 * @module
 */
import { assertEquals } from "@std/assert/equals.js";
import type { Operation } from "../../../ledger/chain/mod.ts";
import {
  appealCommitment,
  appealSeats,
  arbiterCommitment,
  type Dispute,
  type DisputeTurn,
  isAskedOnAppeal,
  nodeVerdict,
  type OpenedNode,
  openedNodes,
  type Outcome,
  partVerdict,
  type Unit,
} from "../../../ledger/disputes/mod.ts";
import { type Address, bytesToHex, CHUNK_BYTES, type Hash, hash } from "../../../ledger/primitives/mod.ts";
import type { ToyChain } from "./toy_chain.ts";
import { answer, turnOf } from "./toy_party.ts";
import { chunksOf, execute, type ToyRun } from "./toy_program.ts";
import { bitsOf, SUMMED_CHUNK, sumsUnder, valueOf } from "./toy_sums.ts";

/** Who plays from which run, and how arbiters judge. */
export interface Players {
  readonly provider: ToyRun;
  readonly challenger: ToyRun;
  /** The verdict of an arbiter; undefined: it stays away. Default: it executes the node. */
  readonly arbiter?: (arbiter: Address, honest: Hash) => Hash | undefined;
  /** Whether a party moves at a turn. Default: always. */
  readonly moves?: (turn: DisputeTurn) => boolean;
  /** Arbiters who commit and then do not reveal. */
  readonly reveals?: (arbiter: Address) => boolean;
  /** Who appeals against a verdict. Default: nobody. */
  readonly appeals?: "provider" | "challenger";
  /** The verdict of a validator on appeal; undefined: it stays away. Default: it executes the node. */
  readonly validator?: (validator: Address, honest: Hash) => Hash | undefined;
  /** Validators who commit and then do not reveal. */
  readonly revealsOnAppeal?: (validator: Address) => boolean;
}

function unitOf(chain: ToyChain): Unit {
  const { stage } = chain.dispute();
  if (!("unit" in stage)) throw new Error(`nothing is judged at ${stage.kind}`);
  return stage.unit;
}

function openedOf(chain: ToyChain): OpenedNode | undefined {
  return openedNodes.get(chain.state(), chain.dispute().id);
}

/** The verdict of an arbiter that executes what is disputed. */
export function honestVerdict(chain: ToyChain): Hash {
  const opened = openedOf(chain), unit = unitOf(chain);
  if (opened === undefined) throw new Error("no node is opened");
  const outputs = execute(opened.descriptor, opened.leaf.inputs);
  switch (unit.kind) {
    case "node":
      return nodeVerdict(opened.leaf, outputs);
    case "chunk":
      return present(chunksOf(present(outputs[unit.output]))[unit.chunk]);
    case "block": {
      const position = unit.element - SUMMED_CHUNK * CHUNK_BYTES / 4;
      const sums = sumsUnder(chunksOf(present(outputs[0]))[SUMMED_CHUNK]);
      return partVerdict(bitsOf(sums.over(position, unit.block, unit.block + 1)));
    }
    case "combination":
      return partVerdict(bitsOf(unit.sums.reduce((sum, bits) => sum + valueOf(bits), 0)));
  }
}

/** The verdict that confirms what the provider claims. */
export function claimedVerdict(chain: ToyChain): Hash {
  return unitOf(chain).claimed;
}

/** The salt of an arbiter: secret only in earnest. */
export function saltOf(arbiter: Address): Hash {
  return hash("test/salt", arbiter);
}

function arbiterMoves(chain: ToyChain, turn: DisputeTurn, players: Players): [Address, Operation][] {
  if (turn.kind !== "commit" && turn.kind !== "reveal") return [];
  const { id } = chain.dispute();
  const honest = honestVerdict(chain);
  return turn.awaited.flatMap((arbiter): [Address, Operation][] => {
    const verdict = players.arbiter === undefined ? honest : players.arbiter(arbiter, honest);
    if (verdict === undefined) return [];
    const salt = saltOf(arbiter);
    if (turn.kind === "commit") {
      const commitment = arbiterCommitment({ dispute: id, arbiter, salt, verdict });
      return [[arbiter, { kind: "arbiter_commit", dispute: id, commitment }]];
    }
    if (players.reveals?.(arbiter) === false) return [];
    return [[arbiter, { kind: "arbiter_reveal", dispute: id, salt, verdict }]];
  });
}

function validatorMoves(chain: ToyChain, turn: DisputeTurn, players: Players): [Address, Operation][] {
  const { id } = chain.dispute();
  const honest = honestVerdict(chain);
  const seats = appealSeats.get(chain.state(), id) ?? [];
  return seats.flatMap(({ validator }): [Address, Operation][] => {
    if (!isAskedOnAppeal(turn, seats, validator)) return [];
    const verdict = players.validator === undefined ? honest : players.validator(validator, honest);
    if (verdict === undefined) return [];
    const salt = saltOf(validator);
    if (turn.kind === "appeal_commit") {
      const commitment = appealCommitment({ dispute: id, validator, salt, verdict });
      return [[validator, { kind: "appeal_commit", dispute: id, commitment }]];
    }
    if (players.revealsOnAppeal?.(validator) === false) return [];
    return [[validator, { kind: "appeal_reveal", dispute: id, salt, verdict }]];
  });
}

/** The moves of the present turn. */
export function movesOf(chain: ToyChain, players: Players): [Address, Operation][] {
  const dispute = chain.dispute();
  const turn = turnOf(dispute);
  if (players.moves?.(turn) === false) return [];
  if (turn.by === "provider" || turn.by === "challenger") {
    const opened = openedOf(chain)?.leaf.outputs ?? [];
    return answer(dispute, turn, players[turn.by], opened).map((move) => [dispute[turn.by], move]);
  }
  if (turn.by === "validators") return validatorMoves(chain, turn, players);
  if (turn.kind !== "verdict") return arbiterMoves(chain, turn, players);
  const { appeals } = players;
  return appeals === undefined ? [] : [[dispute[appeals], { kind: "appeal_verdict", dispute: dispute.id }]];
}

/** Plays on until the dispute is closed; every move must be accepted. Returns the outcome. */
export function play(chain: ToyChain, players: Players): Outcome {
  for (let blocks = 0; chain.dispute().stage.kind !== "closed"; blocks++) {
    if (blocks > 500) throw new Error(`the dispute hangs at ${chain.dispute().stage.kind}`);
    const moves = movesOf(chain, players);
    assertEquals(chain.block(...moves), moves.map(() => null));
  }
  return outcomeOf(chain.dispute());
}

/** Plays on until it is the turn of one kind. */
export function playUntil<K extends DisputeTurn["kind"]>(
  chain: ToyChain,
  players: Players,
  kind: K,
  ready: (turn: Extract<DisputeTurn, { kind: K }>) => boolean = () => true,
): Extract<DisputeTurn, { kind: K }> {
  const isKind = (turn: DisputeTurn): turn is Extract<DisputeTurn, { kind: K }> => turn.kind === kind;
  for (let blocks = 0; blocks < 500; blocks++) {
    const turn = turnOf(chain.dispute());
    if (isKind(turn) && ready(turn)) return turn;
    const moves = movesOf(chain, players);
    assertEquals(chain.block(...moves), moves.map(() => null));
  }
  throw new Error(`the dispute never comes to ${kind}: it is at ${chain.dispute().stage.kind}`);
}

/** The outcome of a closed dispute. */
export function outcomeOf({ outcome }: Dispute): Outcome {
  if (outcome === null) throw new Error("the dispute is not closed");
  return outcome;
}

/** Text of a hash, for tables. */
export const hex = bytesToHex;

/** A value that must be there. */
export function present<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error("a value is missing that the test needs");
  return value;
}

/** The first move of the present turn, which must be of one kind. */
export function moveNow<K extends Operation["kind"]>(
  chain: ToyChain,
  players: Players,
  kind: K,
): Extract<Operation, { kind: K }> {
  const isKind = (move: Operation): move is Extract<Operation, { kind: K }> => move.kind === kind;
  const [, move] = present(movesOf(chain, players)[0]);
  if (!isKind(move)) throw new Error(`the next move is ${move.kind}, not ${kind}`);
  return move;
}
