/**
 * Memory for small byte strings, many of them in one buffer.
 *
 * Hosts that keep the memory of every typed array outside their heap, as Deno does, take many times as long to make a buffer as to make a
 * view of one, and their garbage collector frees each by itself; a block makes thousands of hashes and keys. Node's
 * `Buffer` has a pool for the same reason (https://nodejs.org/api/buffer.html#static-method-bufferallocunsafesize).
 *
 * What comes from here is a view, so its `buffer` holds its neighbours too: never transfer it to another thread, and read it with its
 * `byteOffset`. Where a byte string lives much longer than those made at the same time, or is large, it has memory of its own.
 *
 * @module
 */

/**
 * Bytes of a shared buffer: room for thirty hashes, so that making it costs each of them next to nothing. What keeps one of them alive
 * keeps the others too, so it is no larger: of hashes of a state that is changed here and there, few of those made together live long.
 */
const SHARED_BYTES = 1024;

/** Longest string that shares: of longer ones few fit into one buffer. */
const MOST_BYTES = 256;

/** Views begin where words of any size may: some libraries read eight bytes at a time. */
const ALIGNMENT = 8;

let shared = new ArrayBuffer(0);
let used = 0;

/** A byte string of zeros, which nobody else writes to. */
export function smallBytes(length: number): Uint8Array<ArrayBuffer> {
  if (length > MOST_BYTES) return new Uint8Array(length);
  if (used + length > shared.byteLength) {
    shared = new ArrayBuffer(SHARED_BYTES);
    used = 0;
  }
  const bytes = new Uint8Array(shared, used, length);
  used += Math.ceil(length / ALIGNMENT) * ALIGNMENT;
  return bytes;
}

/** A copy of a byte string. */
export function copyOfBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = smallBytes(bytes.length);
  copy.set(bytes);
  return copy;
}
