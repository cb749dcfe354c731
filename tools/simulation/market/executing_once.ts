/**
 * Nodes of one process execute the same blocks on the same states: once is enough. What a node finds invalid every node executes itself.
 *
 * @module
 */
import { blockHash, type BlockResult, transactionsRootOf, verifyBlock } from "../../../ledger/chain/mod.ts";
import { bytesToHex } from "../../../ledger/primitives/mod.ts";

/** Blocks remembered: those between the first node to finalize one and the last. */
const REMEMBERED = 64;

/** Executes blocks as `verifyBlock` does, each once on each state. */
export function executingOnce(): typeof verifyBlock {
  const results = new Map<string, BlockResult>();
  return (state, block, options) => {
    // A header is the block's only if its transactions are those that it names.
    const parts = [state.root, blockHash(block.header), transactionsRootOf(block.transactions)];
    const key = parts.map(bytesToHex).join();
    const known = results.get(key);
    if (known !== undefined) return known;
    const result = verifyBlock(state, block, options);
    results.set(key, result);
    const oldest = results.keys().next();
    if (results.size > REMEMBERED && !oldest.done) results.delete(oldest.value);
    return result;
  };
}
