/**
 * The blocks above the final one that a node holds, with the states after those it has executed. Forks share all but what they
 * change, so that keeping the state after every block is cheap.
 *
 * @module
 */
import { Block, blockHash, type BlockHeader, type BlockResult, transactionsRootOf } from "../chain/mod.ts";
import type { Candidate } from "../consensus/mod.ts";
import { bytesToHex, encode, equalBytes, type Hash } from "../primitives/mod.ts";
import type { State } from "../state/mod.ts";
import { NodeError } from "./errors.ts";
import { readBlock } from "./messages.ts";

/** A block that is held. */
export interface KnownBlock {
  readonly hash: Hash;
  readonly block: Block;
  readonly encoded: Uint8Array;
  /** What executing it gave; absent until it was executed and found valid. */
  result: BlockResult | undefined;
  /** Whether the store has it. */
  stored: boolean;
}

/** The last final block and the state after it. `header` is absent at genesis. */
export interface ChainHead {
  readonly hash: Hash;
  readonly height: bigint;
  readonly header: BlockHeader | undefined;
  readonly state: State;
}

/** Blocks by hash. Mutable. */
export type BlockTree = Map<string, KnownBlock>;

/**
 * A held block from its encoding. The hash names the header alone, so a body that is not the header's is refused here: held under the
 * hash of a block that a quorum wants, it would pass for that block and be found invalid.
 *
 * @throws {NodeError} `malformed_message` or `bad_block`.
 */
export function knownFromBytes(encoded: Uint8Array): KnownBlock {
  const block = readBlock(encoded);
  if (!equalBytes(block.header.transactionsRoot, transactionsRootOf(block.transactions))) {
    throw new NodeError(
      "bad_block",
      `The transactions of block ${block.header.height} are not those its header names. Ask another peer for them.`,
      { height: block.header.height },
    );
  }
  return { hash: blockHash(block.header), block, encoded, result: undefined, stored: false };
}

/** A held block of the node's own making, with what executing it gave. */
export function knownFromBlock(block: Block, result: BlockResult): KnownBlock {
  return { hash: blockHash(block.header), block, encoded: encode(Block, block), result, stored: false };
}

/** What consensus needs to know of a block. */
export function candidateOf({ hash, block: { header } }: KnownBlock): Candidate {
  const { parent, epoch, height, view, parentView, proposer } = header;
  return { block: hash, parent, epoch, height, view, parentView, proposer };
}

/** The held block of a hash. */
export function findBlock(tree: BlockTree, hash: Hash): KnownBlock | undefined {
  return tree.get(bytesToHex(hash));
}

/** Adds a block, or returns the one that is held already. */
export function addBlock(tree: BlockTree, known: KnownBlock): KnownBlock {
  const held = findBlock(tree, known.hash);
  if (held !== undefined) return held;
  tree.set(bytesToHex(known.hash), known);
  return known;
}

/** The state after a block: of the head, or of an executed block above it. */
export function stateAfter(tree: BlockTree, head: ChainHead, hash: Hash): State | undefined {
  return equalBytes(hash, head.hash) ? head.state : findBlock(tree, hash)?.result?.state;
}

/** The blocks from the head's child to `hash`, ascending; `undefined` if one is not held. */
export function pathTo(tree: BlockTree, head: ChainHead, hash: Hash): readonly KnownBlock[] | undefined {
  const path: KnownBlock[] = [];
  for (let at = hash; !equalBytes(at, head.hash);) {
    const known = findBlock(tree, at);
    if (known === undefined || known.block.header.height <= head.height) return undefined;
    path.push(known);
    at = known.block.header.parent;
  }
  return path.reverse();
}

/** Drops blocks at or below a final height. */
export function dropBelow(tree: BlockTree, height: bigint): void {
  for (const [key, { block }] of tree) if (block.header.height <= height) tree.delete(key);
}
