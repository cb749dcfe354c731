/**
 * Who must be caught: a validator two of whose contradicting votes reached one honest validator while it could use them.
 *
 * @module
 */
import { Block, transactionsRootOf } from "../../../ledger/chain/mod.ts";
import { type SignedVote, voteMessage } from "../../../ledger/consensus/mod.ts";
import { bytesToHex, CodecError, decode, type Hash } from "../../../ledger/primitives/mod.ts";
import type { SimulatedNode } from "../node.ts";
import type { SigningBook } from "../signing_book.ts";
import type { Watcher } from "../watcher.ts";
import type { ValidatorSets } from "./validator_sets.ts";

/** Votes further ahead than this are not kept (rule 10 of consensus). */
const ADMITTED_AHEAD = 32n;

/** Watches what reaches honest nodes. */
export interface EquivocatorChecker extends Watcher {
  /** Addresses (hexadecimal) that a running honest validator holds proof against, each with what it did. */
  guilty(): ReadonlyMap<string, string>;
}

interface Heard {
  readonly notarized: Set<string>;
  readonly finalized: Set<string>;
  nullified: boolean;
}

function faultOf({ notarized, finalized, nullified }: Heard): string | undefined {
  if (notarized.size > 1) return "notarized two blocks";
  if (finalized.size > 1) return "finalized two blocks";
  return nullified && finalized.size > 0 ? "nullified and finalized" : undefined;
}

/** Whether the bytes are a block whose body is its header's. */
function isWhole(encoded: Uint8Array): boolean {
  try {
    const { header, transactions } = decode(Block, encoded);
    return bytesToHex(header.transactionsRoot) === bytesToHex(transactionsRootOf(transactions));
  } catch (thrown) {
    if (thrown instanceof CodecError) return false;
    throw thrown;
  }
}

/** Whether the node's core would count a vote of this view now. */
function isOfUse({ replica }: SimulatedNode, epoch: bigint, view: bigint): boolean {
  const core = replica?.core;
  if (replica === undefined || core === undefined || replica.epoch !== epoch) return false;
  return view > core.final.view && view <= core.view + ADMITTED_AHEAD;
}

/** A checker of what honest nodes hear. */
export function checkEquivocators(
  chainId: Hash,
  book: SigningBook,
  sets: ValidatorSets,
  isHonest: (name: string) => boolean,
  byzantine: ReadonlySet<string>,
): EquivocatorChecker {
  const heard = new Map<string, Map<string, Heard>>();
  const proofs = new Map<string, Map<string, string>>();

  const hear = (node: SimulatedNode, { vote, signer }: SignedVote) => {
    const { epoch, view } = vote.kind === "nullify" ? vote : vote.proposal;
    if (!isOfUse(node, epoch, view)) return;
    const address = sets.members(epoch)[signer]?.address;
    // That honest validators do not contradict themselves is checked where they sign.
    if (
      address === undefined || !byzantine.has(address) || !book.hasSigned(address, voteMessage(chainId, vote))
    ) return;
    const views = heard.get(node.name) ?? new Map<string, Heard>();
    heard.set(node.name, views);
    const key = `${address} ${epoch} ${view}`;
    const known = views.get(key) ?? { notarized: new Set(), finalized: new Set(), nullified: false };
    views.set(key, known);
    if (vote.kind === "nullify") known.nullified = true;
    else {
      const { block, parentView, height } = vote.proposal;
      known[vote.kind === "notarize" ? "notarized" : "finalized"].add(
        `${bytesToHex(block)} ${parentView} ${height}`,
      );
    }
    const fault = faultOf(known);
    if (fault !== undefined) {
      proofs.get(node.name)?.set(address, `${fault} in view ${view} of epoch ${epoch}`);
    }
  };

  return {
    guilty: () => new Map([...proofs.values()].flatMap((found) => [...found])),
    // Evidence that is not in a block yet dies with the node that holds it.
    started({ name }) {
      heard.delete(name);
      if (isHonest(name)) proofs.set(name, new Map());
    },
    stopped({ name }) {
      heard.delete(name);
      proofs.delete(name);
    },
    delivered(node, _from, message) {
      if (!proofs.has(node.name)) return;
      // A proposal that is no block, or whose body is not its header's, is refused as a whole, vote included.
      if (message?.kind === "vote" || message?.kind === "proposal" && isWhole(message.block)) {
        hear(node, message.vote);
      }
    },
  };
}
