/**
 * A node of the ledger without clock or IO: inputs in, effects out.
 *
 * @module
 */
import { TransactionError } from "../chain/mod.ts";
import { isOver } from "../consensus/mod.ts";
import { type Address, bytesToHex, CodedError, messageOf } from "../primitives/mod.ts";
import { candidateOf, knownFromBytes } from "./block_tree.ts";
import { isFarAhead, requestRange, takePublished, takeRange } from "./block_sync.ts";
import { buildBlock, buildGathered, hastenBuild } from "./building.ts";
import type { PeerId, ReplicaEffect, ReplicaInput, ReplicaTimer, RequestTarget } from "./effects.ts";
import { NodeError } from "./errors.ts";
import {
  announcerDone,
  spread,
  spreadAgain,
  spreadGathered,
  takeAnnounced,
  takeAnnouncement,
  takeTransactions,
} from "./gossip.ts";
import { addTransaction } from "./mempool.ts";
import { NodeAnswer, NodeMessage, read } from "./messages.ts";
import { blame, type PendingRequest, type Replica } from "./replica_state.ts";
import { requestSnapshot, takeChunk, takeSnapshot } from "./state_sync.ts";
import { askNext } from "./requests.ts";
import { drive, driveWithBlock, isEpochOver, openEpoch } from "./voting.ts";

/** Messages of the next epoch kept until this node gets there: two for each of the largest validator set. */
const MAX_EARLY_MESSAGES = 512;

/** Of them, proposals carry a block; only those of the first views are of use. */
const MAX_EARLY_PROPOSALS = 2;

/**
 * Takes one input and returns the effects, to be carried out in order. If one is `persist`, it is the first, and the others may be
 * carried out only after it succeeded; if it fails, stop the node.
 *
 * Never throws. What is wrong with a peer's bytes comes back as `penalize`; what is wrong with the node itself as `halt`, after
 * which every step is empty.
 */
export function stepReplica(replica: Replica, input: ReplicaInput): readonly ReplicaEffect[] {
  if (replica.halted) return [];
  replica.records = [];
  replica.effects = [];
  try {
    handle(replica, input);
    while (isEpochOver(replica)) turnEpoch(replica);
  } catch (thrown) {
    replica.halted = true;
    // What this step wanted to send may rest on the fault: none of it leaves.
    return [{ kind: "halt", error: asHalt(thrown) }];
  } finally {
    replica.sender = undefined;
  }
  const { records, effects } = replica;
  return records.length === 0 ? effects : [{ kind: "persist", records }, ...effects];
}

function asHalt(thrown: unknown): CodedError {
  if (thrown instanceof CodedError) return thrown;
  return new NodeError(
    "halted",
    `The node failed: ${messageOf(thrown)}. Restart it and report the bug.`,
    {},
    thrown,
  );
}

/** The replica was in an epoch that is decided now. */
function turnEpoch(replica: Replica): void {
  openEpoch(replica);
  if (!replica.started) return;
  drive(replica, { kind: "start" });
  const early = replica.early;
  replica.early = [];
  for (const { from, message } of early) fromPeer(replica, from, () => take(replica, from, message));
}

function handle(replica: Replica, input: ReplicaInput): void {
  switch (input.kind) {
    case "start":
      return start(replica);
    case "message":
      return fromPeer(
        replica,
        input.from,
        () => take(replica, input.from, read(NodeMessage, input.bytes)),
      );
    case "response":
      return fromPeer(
        replica,
        input.from,
        () => takeResponse(replica, input.request, input.from, input.bytes),
      );
    case "request_failed":
      return requestFailed(replica, input.request);
    case "timer":
      return timerFired(replica, input.timer);
    case "submit":
      return submit(replica, input.id, input.transaction);
    default:
      return input satisfies never;
  }
}

/** Does something with what a peer sent; a typed error about it is the peer's fault. */
function fromPeer(replica: Replica, from: PeerId, action: () => void): void {
  replica.sender = from;
  try {
    action();
  } catch (thrown) {
    const isTheirs = thrown instanceof NodeError && PEER_FAULTS.has(thrown.code);
    if (!isTheirs) throw thrown;
    blame(replica, thrown);
  }
}

const PEER_FAULTS: ReadonlySet<string> = new Set(["malformed_message", "bad_block", "bad_answer"]);

function start(replica: Replica): void {
  if (replica.started) return;
  replica.started = true;
  drive(replica, { kind: "start" });
  requestRange(replica, pollTarget(replica));
  setPoll(replica);
}

function setPoll({ effects, options }: Replica): void {
  effects.push({ kind: "set_timer", timer: { name: "poll" }, afterMs: options.timing.pollMs });
}

function pollTarget(replica: Replica): RequestTarget {
  const others = replica.validators.members.filter((_, i) => i !== replica.core?.own?.index);
  const chosen = others[replica.nextRequest % Math.max(1, others.length)];
  return replica.core === undefined || chosen === undefined
    ? { kind: "any" }
    : { kind: "validator", address: chosen.address };
}

function timerFired(replica: Replica, timer: ReplicaTimer): void {
  switch (timer.name) {
    case "view":
      if (timer.epoch === replica.epoch) drive(replica, { kind: "timer", timer: timer.timer });
      return;
    case "build": {
      const { building } = replica;
      if (timer.epoch !== replica.epoch || building === undefined || building.view !== timer.view) return;
      replica.building = undefined;
      const known = buildBlock(replica, building);
      if (known !== undefined) drive(replica, { kind: "built", candidate: candidateOf(known) });
      return;
    }
    case "poll":
      if (replica.head.height === replica.polledHeight) {
        replica.syncing = false;
        requestRange(replica, pollTarget(replica));
      }
      replica.polledHeight = replica.head.height;
      spreadAgain(replica);
      return setPoll(replica);
    case "gathered":
      return timer.epoch === replica.epoch ? buildGathered(replica, timer.view) : undefined;
    case "gossip":
      return spreadGathered(replica);
    default:
      return timer satisfies never;
  }
}

function take(replica: Replica, from: PeerId, message: NodeMessage): void {
  switch (message.kind) {
    case "proposal": {
      const { vote } = message;
      if (vote.vote.kind !== "notarize") {
        throw new NodeError("bad_block", "A proposal carries a notarize vote. Send the leader's own.");
      }
      if (isEarly(replica, vote.vote.proposal.epoch, from, message)) return;
      const known = knownFromBytes(message.block);
      return driveWithBlock(replica, known, (candidate) => ({ kind: "proposal", vote, candidate }));
    }
    case "vote": {
      const { vote } = message.vote;
      const epoch = vote.kind === "nullify" ? vote.epoch : vote.proposal.epoch;
      if (isEarly(replica, epoch, from, message)) return;
      return drive(replica, message);
    }
    case "certificate": {
      const { vote } = message.certificate;
      const epoch = vote.kind === "nullify" ? vote.epoch : vote.proposal.epoch;
      if (isFarAhead(replica, message.certificate, from)) return;
      if (isEarly(replica, epoch, from, message)) {
        // Others have ended a whole view of the next epoch: the end of this one was missed.
        if (epoch > replica.epoch) requestRange(replica, { kind: "peer", peer: from });
        return;
      }
      return drive(replica, message);
    }
    case "finalized":
      return takePublished(replica, message, from);
    case "transactions":
      return takeTransactions(replica, message.transactions);
    case "announcement":
      return takeAnnouncement(replica, message.hashes, from);
    default:
      return message satisfies never;
  }
}

/** Keeps a message of the next epoch for later. Returns whether it is of another epoch than this. */
function isEarly(replica: Replica, epoch: bigint, from: PeerId, message: NodeMessage): boolean {
  if (epoch === replica.epoch) return false;
  if (epoch !== replica.epoch + 1n || replica.early.length >= MAX_EARLY_MESSAGES) return true;
  const proposals = replica.early.filter((early) => early.message.kind === "proposal").length;
  if (message.kind !== "proposal" || proposals < MAX_EARLY_PROPOSALS) replica.early.push({ from, message });
  return true;
}

function submit(replica: Replica, id: number, transaction: Uint8Array): void {
  try {
    const hash = addTransaction(replica.pool, replica.head.state, transaction);
    replica.local.set(bytesToHex(hash), transaction);
    replica.effects.push({ kind: "submitted", id, hash });
    spread(replica, bytesToHex(hash), transaction);
    hastenBuild(replica);
  } catch (thrown) {
    if (!(thrown instanceof NodeError) && !(thrown instanceof TransactionError)) throw thrown;
    replica.effects.push({ kind: "refused", id, error: thrown });
  }
}

function takeResponse(replica: Replica, request: number, from: PeerId, bytes: Uint8Array): void {
  const pending = replica.requests.get(request);
  replica.requests.delete(request);
  if (pending === undefined) return;
  if (pending.question.kind === "range") replica.syncing = false;
  try {
    takeAnswer(replica, pending, from, bytes);
  } finally {
    announcementAsked(replica, pending);
  }
}

/** After the end of a question about announced transactions its announcer may be asked the next. */
function announcementAsked(replica: Replica, { question, to }: PendingRequest): void {
  if (question.kind === "transactions" && to.kind === "peer") announcerDone(replica, to.peer);
}

function takeAnswer(
  replica: Replica,
  { question, holders }: PendingRequest,
  from: PeerId,
  bytes: Uint8Array,
): void {
  const answer = read(NodeAnswer, bytes);
  if (answer.kind === "pruned" && question.kind === "range") {
    return requestSnapshot(replica, answer, question.from, from);
  }
  if (answer.kind !== question.kind) {
    throw new NodeError("bad_answer", `Asked for ${question.kind}, got ${answer.kind}. Ask another peer.`);
  }
  switch (answer.kind) {
    case "block": {
      if (answer.block === null) return askNext(replica, question, holders);
      const known = knownFromBytes(answer.block);
      const isAsked = question.kind === "block" && bytesToHex(known.hash) === bytesToHex(question.hash);
      if (!isAsked) {
        throw new NodeError("bad_answer", "The block is not the one asked for. Ask another peer.");
      }
      return driveWithBlock(replica, known, (candidate) => ({ kind: "block", candidate }));
    }
    case "certificates":
      for (const certificate of answer.certificates) {
        drive(replica, { kind: "certificate", certificate });
      }
      return;
    case "range":
      return takeRange(replica, answer, from);
    case "snapshot":
      return takeSnapshot(replica, answer, from);
    case "chunk":
      takeChunk(replica, answer, from);
      return replica.stateSync === undefined
        ? requestRange(replica, { kind: "peer", peer: from })
        : undefined;
    case "transactions":
      return question.kind === "transactions"
        ? takeAnnounced(replica, question.hashes, answer, from)
        : undefined;
    case "light_links":
    case "light_state":
      return; // light clients ask for these, replicas never do
    default:
      return answer satisfies never;
  }
}

function requestFailed(replica: Replica, request: number): void {
  const pending = replica.requests.get(request);
  replica.requests.delete(request);
  if (pending === undefined) return;
  if (pending.question.kind === "range") replica.syncing = false;
  if (pending.question.kind === "chunk") replica.stateSync = undefined;
  announcementAsked(replica, pending);
  askNext(replica, pending.question, pending.holders);
}

/** Where a replica stands, for people and actors. */
export interface ReplicaStatus {
  readonly height: bigint;
  readonly hash: Uint8Array;
  readonly epoch: bigint;
  /** View of consensus; undefined when the node follows. */
  readonly view: bigint | undefined;
  readonly validator: Address | undefined;
  readonly waitingTransactions: number;
  /** The node is epochs behind peers that have pruned: start it with a newer checkpoint. */
  readonly needsCheckpoint: boolean;
  readonly halted: boolean;
}

/** Reads a replica's status. */
export function statusOf({ head, epoch, core, pool, halted, needsCheckpoint }: Replica): ReplicaStatus {
  return {
    height: head.height,
    hash: head.hash,
    epoch,
    view: core === undefined || isOver(core) ? undefined : core.view,
    validator: core?.own?.signer.address,
    waitingTransactions: pool.hashes.size,
    needsCheckpoint,
    halted,
  };
}
