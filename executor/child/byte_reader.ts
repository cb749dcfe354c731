/**
 * Exact numbers of bytes from a stream of chunks.
 *
 * @module
 */
import { ExecutorError } from "../errors.ts";

/** Reads a byte stream piece by piece. */
export interface ByteReader {
  /**
   * Fills `target`. Resolves to false if the stream ended cleanly before its first byte.
   *
   * @throws {ExecutorError} `crashed` if the stream ends within.
   */
  fill(target: Uint8Array): Promise<boolean>;
  /** Stops reading and frees the stream. */
  cancel(): Promise<void>;
}

/** A reader of a stream. */
export function createByteReader(stream: ReadableStream<Uint8Array>): ByteReader {
  const reader = stream.getReader();
  let rest: Uint8Array = new Uint8Array(0);
  return {
    async fill(target) {
      let filled = 0;
      while (filled < target.length) {
        if (rest.length === 0) {
          const { value, done } = await reader.read();
          if (done) {
            if (filled === 0) return false;
            throw new ExecutorError("crashed", "The executor's stream ended within a message.");
          }
          rest = value;
        }
        const part = rest.subarray(0, target.length - filled);
        target.set(part, filled);
        filled += part.length;
        rest = rest.subarray(part.length);
      }
      return true;
    },
    cancel: () => reader.cancel(),
  };
}
