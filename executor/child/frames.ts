/**
 * Frames on a byte stream: `u32 length (little-endian) || u8 kind || payload`. A message is one `structure` frame followed by
 * `data` frames that hold its attachments one after another; heartbeats may stand between any two frames.
 *
 * @module
 */
import { ExecutorError } from "../errors.ts";

/** What a frame carries. */
export const FRAME = {
  /** msgpack of `[message, lengths of its attachments in bytes]`. */
  structure: 0,
  /** The next bytes of the attachments. */
  data: 1,
  /** msgpack of the sender's resident memory in bytes. */
  heartbeat: 2,
} as const;

/** Length and kind. */
export const FRAME_HEADER_BYTES = 5;

/** Payload of a data frame: small enough that a heartbeat or a cancel never waits long behind one, large enough for speed. */
export const DATA_FRAME_BYTES = 1024 * 1024;

/** Largest structure: everything that is large is an attachment. A trace of 10^5 nodes fits. */
export const MAX_STRUCTURE_BYTES = 64 * 1024 * 1024;

/** Largest sum of a message's attachments. Beyond, a program is cut into phases. */
export const MAX_ATTACHMENT_BYTES = 4 * 1024 * 1024 * 1024;

/** The header of a frame. */
export function frameHeader(kind: number, payloadBytes: number): Uint8Array {
  const header = new Uint8Array(FRAME_HEADER_BYTES);
  new DataView(header.buffer).setUint32(0, payloadBytes, true);
  header[FRAME_HEADER_BYTES - 1] = kind;
  return header;
}

/**
 * Kind and payload length of a header.
 *
 * @throws {ExecutorError} `crashed` for a kind that does not exist or a length beyond its bound: the stream is not ours any more.
 */
export function parseHeader(header: Uint8Array): { readonly kind: number; readonly payloadBytes: number } {
  const payloadBytes = new DataView(header.buffer, header.byteOffset, header.byteLength).getUint32(0, true);
  const kind = header[FRAME_HEADER_BYTES - 1] ?? -1;
  const bound = kind === FRAME.data ? DATA_FRAME_BYTES : MAX_STRUCTURE_BYTES;
  if (kind > FRAME.heartbeat || payloadBytes > bound) {
    throw new ExecutorError(
      "crashed",
      `The executor's stream is broken: a frame of kind ${kind} with ${payloadBytes} bytes.`,
    );
  }
  return { kind, payloadBytes };
}
