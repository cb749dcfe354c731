/**
 * Changing valid encodings into ones that are nearly valid: on the bytes, and on the msgpack values in them, because most changed
 * bytes are refused at the first of them.
 *
 * @module
 */
import fc from "fast-check";
import { Packr } from "msgpackr";

/** One change. What the numbers mean depends on what they meet; all are taken modulo. */
export interface Mutation {
  readonly place: number;
  readonly how: number;
  readonly number: bigint;
  readonly bytes: Uint8Array;
}

const EDGES = [
  0n,
  1n,
  2n,
  0xffn,
  0xffff_ffffn,
  1n << 32n,
  1n << 53n,
  (1n << 63n) - 1n,
  1n << 63n,
  (1n << 64n) - 1n,
];

/** One to four changes, mostly one. */
export const mutations: fc.Arbitrary<readonly Mutation[]> = fc.array(
  fc.record({
    place: fc.noBias(fc.nat()),
    how: fc.noBias(fc.nat(255)),
    number: fc.oneof(fc.constantFrom(...EDGES), fc.bigInt(0n, 200_000_000_000_000n), fc.bigInt(0n, 20n)),
    bytes: fc.uint8Array({ maxLength: 40 }),
  }),
  { minLength: 1, maxLength: 4, size: "xsmall" },
);

/** Changes bytes: flips, overwrites, cuts, repeats and inserts. */
export function mutateBytes(original: Uint8Array, changes: readonly Mutation[]): Uint8Array {
  let bytes = original;
  for (const { place, how, bytes: fresh } of changes) {
    const at = place % (bytes.length + 1);
    const before = bytes.subarray(0, at), after = bytes.subarray(at);
    switch (how % 5) {
      case 0: {
        const flipped = bytes.slice();
        const position = place % Math.max(1, bytes.length);
        if (flipped.length > 0) flipped[position] = (flipped[position] ?? 0) ^ (1 << (how % 8));
        bytes = flipped;
        break;
      }
      case 1:
        bytes = new Uint8Array([...before, ...fresh, ...after.subarray(fresh.length)]);
        break;
      case 2:
        bytes = before.slice();
        break;
      case 3:
        bytes = new Uint8Array([...before, ...after.subarray(0, 16), ...after]);
        break;
      default:
        bytes = new Uint8Array([...before, ...fresh, ...after]);
    }
  }
  return bytes;
}

type Wire = null | boolean | number | bigint | string | Uint8Array | readonly Wire[];

const packr = new Packr({ useRecords: false, int64AsType: "bigint", variableMapSize: true });

function isWire(value: unknown): value is Wire {
  return value === null || ["boolean", "number", "bigint", "string"].includes(typeof value) ||
    value instanceof Uint8Array || (Array.isArray(value) && value.every(isWire));
}

/** The msgpack value of an encoding. */
function unpack(encoded: Uint8Array): Wire {
  const wire: unknown = packr.unpack(encoded);
  if (!isWire(wire)) throw new Error("a corpus holds plain values only");
  return wire;
}

function countOf(wire: Wire): number {
  return Array.isArray(wire) ? wire.reduce((sum: number, entry: Wire) => sum + countOf(entry), 1) : 1;
}

/** The part of a value at a position in the order of reading, and the value with that part replaced. */
function replaceAt(wire: Wire, position: number, change: (part: Wire) => Wire): Wire {
  if (position === 0 || !Array.isArray(wire)) return change(wire);
  let left = position - 1;
  let done = false;
  return wire.map((entry: Wire) => {
    const size = countOf(entry);
    if (done || left >= size) {
      left -= done ? 0 : size;
      return entry;
    }
    done = true;
    return replaceAt(entry, left, change);
  });
}

function partAt(wire: Wire, position: number): Wire {
  let found: Wire = null;
  replaceAt(wire, position, (part) => found = part);
  return found;
}

function sameLength(fresh: Uint8Array, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => fresh[i % Math.max(1, fresh.length)] ?? 0);
}

function changed(part: Wire, { how, number, bytes, place }: Mutation, donor: Wire): Wire {
  const kind = how % 8;
  if (kind === 0) return partAt(donor, place % countOf(donor));
  if (kind === 1) return [null, number, Number(number % 300n), bytes, "text", true, []][place % 7] ?? null;
  if (typeof part === "bigint") return kind < 5 ? number : BigInt.asUintN(64, part + number % 3n - 1n);
  if (typeof part === "number") {
    return kind < 5 ? Number(number % (1n << 32n)) : Math.max(0, part + how % 3 - 1);
  }
  if (typeof part === "boolean") return !part;
  if (typeof part === "string") {
    return kind < 5 ? part.slice(1) : `${part}${String.fromCodePoint(place % 0xd800)}`;
  }
  if (part instanceof Uint8Array) return kind < 6 ? sameLength(bytes, part.length) : bytes;
  if (part === null) return [];
  const at = place % (part.length + 1);
  if (kind < 4) return [...part.slice(0, at), ...part.slice(at + 1)];
  return kind < 6 ? [...part.slice(0, at), ...part.slice(Math.max(0, at - 1))] : part.toReversed();
}

/**
 * Changes the values in an encoding.
 *
 * @param donor Another encoding, of which parts may be taken over.
 */
export function mutateValues(
  original: Uint8Array,
  donor: Uint8Array,
  changes: readonly Mutation[],
): Uint8Array {
  const foreign = unpack(donor);
  const wire = changes.reduce<Wire>(
    (value, each) => replaceAt(value, each.place % countOf(value), (part) => changed(part, each, foreign)),
    unpack(original),
  );
  return new Uint8Array(packr.pack(wire));
}
