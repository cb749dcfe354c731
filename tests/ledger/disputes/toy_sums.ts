/**
 * The one chunk of the toy world whose elements are sums with values: what a dispute below a chunk is about. Of each sum a single block is not
 * zero, so that any part of it is known without adding up.
 *
 * @module
 */
import { childrenOf, type SumChild, type SumPart } from "../../../ledger/disputes/mod.ts";
import {
  bytesToHex,
  CHUNK_BYTES,
  chunkRoot,
  type Hash,
  LEAF_BYTES,
  leafHash,
  type SumShape,
} from "../../../ledger/primitives/mod.ts";

/** 500 blocks in 63 groups: two levels of 16 to a group, and its 8 blocks. A chunk costs less than a test network's cap. */
export const SUM: SumShape = { terms: 4_000, blockTerms: 8, groupBlocks: 8 };
const BLOCKS = 500;

/** Position among the chunks. */
export const SUMMED_CHUNK = 3;

const ELEMENTS = CHUNK_BYTES / 4;

/** What somebody claims of one element: that a block is so much more, or, without a block, that all of it is although no block is. */
export interface SumLie {
  /** Position in the chunk. */
  readonly element: number;
  readonly block: number | null;
  readonly more: number;
}

/** Bits of a value. */
export function bitsOf(value: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  return view.getUint32(0);
}

/** The value of bits. */
export function valueOf(bits: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, bits);
  return view.getFloat32(0);
}

/** The chunk, as one side has it. Elements are counted within it. */
export class ToySums {
  constructor(readonly seed: number, readonly lie?: SumLie) {}

  #more(element: number, from: number, to: number): number {
    const { lie } = this;
    if (lie?.element !== element || lie.block === null) return 0;
    return lie.block >= from && lie.block < to ? lie.more : 0;
  }

  /** The sum of blocks [from, to) of an element. */
  over(element: number, from: number, to: number): number {
    const at = (element * 7) % BLOCKS;
    const value = at >= from && at < to ? 1 + (this.seed + element) % 97 : 0;
    return value + this.#more(element, from, to);
  }

  element(element: number): number {
    const { lie } = this;
    const alone = lie?.element === element && lie.block === null ? lie.more : 0;
    return this.over(element, 0, BLOCKS) + alone;
  }

  child(element: number, child: SumChild): number {
    const { groupBlocks } = SUM;
    return child.kind === "block"
      ? this.over(element, child.block, child.block + 1)
      : this.over(element, child.from * groupBlocks, child.to * groupBlocks);
  }

  /** Bits of the sums of a part's children. */
  children(element: number, part: SumPart): readonly number[] {
    return childrenOf(SUM, part).map((child) => bitsOf(this.child(element, child)));
  }

  values(): readonly number[] {
    return Array.from({ length: ELEMENTS }, (_, i) => bitsOf(this.element(i)));
  }

  bytes(): Uint8Array {
    const bytes = new Uint8Array(CHUNK_BYTES), view = new DataView(bytes.buffer);
    for (const [i, value] of this.values().entries()) view.setUint32(4 * i, value, true);
    return bytes;
  }

  leaves(): readonly Hash[] {
    const bytes = this.bytes();
    return Array.from(
      { length: CHUNK_BYTES / LEAF_BYTES },
      (_, i) => leafHash(bytes.subarray(i * LEAF_BYTES, (i + 1) * LEAF_BYTES)),
    );
  }
}

const known = new Map<string, ToySums>();
const roots = new Map<string, Hash>();

/** The root of such a chunk, by which it is found again. */
export function rootOfSums(seed: number, lie?: SumLie): Hash {
  const key = JSON.stringify([seed, lie]);
  const made = roots.get(key);
  if (made !== undefined) return made;
  const sums = new ToySums(seed, lie), root = chunkRoot(sums.bytes());
  roots.set(key, root);
  known.set(bytesToHex(root), sums);
  return root;
}

/** The sums under a chunk's root. */
export function sumsUnder(root: Hash | undefined): ToySums {
  const found = known.get(bytesToHex(root ?? new Uint8Array()));
  if (found === undefined) throw new RangeError("no sums are known under this root");
  return found;
}
