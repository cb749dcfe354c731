/**
 * Between consensus and the rest: carries out the effects of the core, and feeds it what they bring.
 *
 * @module
 */
import {
  type Candidate,
  type ConsensusEffect,
  type ConsensusInput,
  createCore,
  needsBlock,
  prepareValidators,
  step,
} from "../consensus/mod.ts";
import { bytesToHex, equalBytes } from "../primitives/mod.ts";
import { epochOf, lastHeightOf, paramsInForce, validatorSetOf } from "../state/mod.ts";
import { addBlock, candidateOf, findBlock, type KnownBlock } from "./block_tree.ts";
import { scheduleBuild } from "./building.ts";
import { NodeError } from "./errors.ts";
import { executeKnown, finalizeTo } from "./execution.ts";
import { encodeMessage, type NodeMessage } from "./messages.ts";
import { blame, type Replica, storeBlock } from "./replica_state.ts";
import { ask } from "./requests.ts";

/** Gives the core an input, and all that follows from it, until it is quiet. Then the next epoch opens if this one is over. */
export function drive(replica: Replica, input: ConsensusInput): void {
  const queue: ConsensusInput[] = [input];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    if (replica.core === undefined) return;
    for (const effect of step(replica.core, next)) {
      const answer = perform(replica, effect);
      if (answer !== undefined) queue.push(answer);
    }
  }
}

/**
 * Gives the core an input that came with a block. The block stays in the tree only if consensus has a use for it: a peer must not
 * be able to fill the memory.
 */
export function driveWithBlock(
  replica: Replica,
  fresh: KnownBlock,
  inputFor: (candidate: Candidate) => ConsensusInput,
): void {
  const wasHeld = findBlock(replica.tree, fresh.hash) !== undefined;
  const known = addBlock(replica.tree, fresh);
  drive(replica, inputFor(candidateOf(known)));
  const isNeeded = replica.core !== undefined && needsBlock(replica.core, known.hash);
  if (!wasHeld && !isNeeded) replica.tree.delete(bytesToHex(known.hash));
}

/** Whether the epoch that the replica works in is decided. */
export function isEpochOver(replica: Replica): boolean {
  return replica.head.height >= lastHeightOf(paramsInForce.get(replica.head.state), replica.epoch);
}

/** Opens the epoch of the block after the head: its validators, and a core if this node is among them. */
export function openEpoch(replica: Replica): void {
  const { head, options, chainId } = replica;
  const params = paramsInForce.get(head.state);
  const epoch = epochOf(params, head.height + 1n);
  const set = validatorSetOf(head.state, epoch);
  if (set === undefined) {
    throw new NodeError("halted", `The state has no validator set for epoch ${epoch}. Report the bug.`, {
      epoch,
    });
  }
  replica.epoch = epoch;
  replica.validators = prepareValidators(set);
  replica.building = undefined;
  const view = head.header !== undefined && head.header.epoch === epoch ? head.header.view : 0n;
  const core = createCore({
    chainId,
    validators: replica.validators,
    signer: options.signer,
    base: { view, block: head.hash, height: head.height },
    lastHeight: lastHeightOf(params, epoch),
    timeouts: options.timing.timeouts,
  });
  replica.core = core.own === undefined ? undefined : core;
}

function broadcast(replica: Replica, message: NodeMessage): void {
  const own = replica.options.signer?.address;
  const to = replica.validators.members.map(({ address }) => address)
    .filter((address) => own === undefined || !equalBytes(address, own));
  if (to.length > 0) replica.effects.push({ kind: "send", to, bytes: encodeMessage(message) });
}

function holdersOf(replica: Replica, positions: readonly number[]) {
  return positions.flatMap((i) => replica.validators.members[i]?.address ?? []);
}

function perform(replica: Replica, effect: ConsensusEffect): ConsensusInput | undefined {
  switch (effect.kind) {
    case "persist": {
      const { record } = effect;
      const vote = record.kind === "vote" ? record.vote.vote : undefined;
      // Whoever votes for a block must still have it after a crash: a quorum's blocks are never lost.
      if (vote !== undefined && vote.kind !== "nullify") {
        const known = findBlock(replica.tree, vote.proposal.block);
        if (known !== undefined) storeBlock(replica, known);
      }
      replica.records.push(record);
      return;
    }
    case "broadcast_vote":
      return void broadcast(replica, { kind: "vote", vote: effect.vote });
    case "broadcast_certificate":
      return void broadcast(replica, { kind: "certificate", certificate: effect.certificate });
    case "broadcast_proposal": {
      const { vote } = effect.vote;
      const known = vote.kind === "nullify" ? undefined : findBlock(replica.tree, vote.proposal.block);
      if (known !== undefined) {
        broadcast(replica, { kind: "proposal", vote: effect.vote, block: known.encoded });
      }
      return;
    }
    case "verify": {
      const known = findBlock(replica.tree, effect.candidate.block);
      if (known === undefined) return;
      return { kind: "verified", block: known.hash, valid: executeKnown(replica, known) };
    }
    case "build":
      return void scheduleBuild(replica, effect);
    case "fetch_block": {
      const known = findBlock(replica.tree, effect.block);
      if (known !== undefined) return { kind: "block", candidate: candidateOf(known) };
      return void ask(replica, { kind: "block", hash: effect.block }, holdersOf(replica, effect.holders));
    }
    case "fetch_certificates": {
      const { from, to, holders } = effect;
      const question = { kind: "certificates", epoch: replica.epoch, from, to } as const;
      return void ask(replica, question, holdersOf(replica, holders));
    }
    case "set_timer": {
      const { timer, afterMs } = effect;
      const named = { name: "view", epoch: replica.epoch, timer } as const;
      return void replica.effects.push({ kind: "set_timer", timer: named, afterMs });
    }
    case "finalized":
      return void finalizeTo(replica, effect.proposal.block, effect.certificate);
    case "equivocation":
      return void replica.effects.push(effect);
    case "fault":
      return void blame(replica, effect.error);
    default:
      return effect satisfies never;
  }
}
