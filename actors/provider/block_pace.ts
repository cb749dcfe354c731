/**
 * How long a block takes, as a node sees it: windows of the ledger are in blocks, work is in seconds.
 *
 * @module
 */

/** Notes that are kept: a network that became faster is known as such after half as many. */
const MAX_NOTES = 32;

/** With fewer notes than this, one hiccup would decide. */
const LEAST_NOTES = 4;

/** See the module. */
export interface BlockPace {
  /** The chain is at `height` at the time `now`, in milliseconds. */
  note(height: bigint, now: number): void;
  /** Milliseconds for one block; undefined before enough blocks were seen. */
  blockMs(): number | undefined;
}

interface Note {
  readonly height: bigint;
  readonly now: number;
}

/**
 * Pace by the median over recent blocks: neither a pause of the network nor the haste of a node that catches up says what is usual.
 */
export function makeBlockPace(): BlockPace {
  const notes: Note[] = [];
  return {
    note(height, now) {
      const last = notes.at(-1);
      if (last !== undefined && height <= last.height) return;
      notes.push({ height, now });
      if (notes.length > MAX_NOTES) notes.shift();
    },
    blockMs() {
      if (notes.length < LEAST_NOTES) return undefined;
      const paces = notes.slice(1).flatMap(({ height, now }, i) => {
        const before = notes[i];
        return before === undefined ? [] : [(now - before.now) / Number(height - before.height)];
      });
      return paces.toSorted((a, b) => a - b)[Math.floor(paces.length / 2)];
    },
  };
}
