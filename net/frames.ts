/**
 * The frames of an exchange: a request and its answer.
 *
 * A frame is `u32 length of the header (big-endian) || header || body`. The header is canonical msgpack; the body is taken as
 * it is, so that four megabytes of tensor are not copied through a codec.
 *
 * @module
 */
import {
  bool,
  concatBytes,
  decode,
  encode,
  record,
  type Schema,
  text,
  union,
} from "../ledger/primitives/mod.ts";
import { NetError } from "./errors.ts";
import { MAX_PROTOCOL_BYTES, MAX_TRANSPORT_BYTES } from "./transport.ts";

/** Longest error sentence that travels, in bytes: it is for people. */
const MAX_ERROR_TEXT_BYTES = 512;

/** Longest error code that travels, in bytes. */
const MAX_ERROR_CODE_BYTES = 64;

/** Room for the longest header: a protocol name, or an error's code and sentence, and msgpack's own bytes. */
const MAX_HEADER_BYTES = 1024;

/** Largest frame in bytes that a link must carry, and above which it must refuse. */
export const MAX_FRAME_BYTES = 4 + MAX_HEADER_BYTES + MAX_TRANSPORT_BYTES;

const RequestHeader = record("RequestHeader", { protocol: text(MAX_PROTOCOL_BYTES), wantsReply: bool });

const AnswerHeader = union("AnswerHeader", {
  /** The body is the reply. */
  reply: record("Reply", {}),
  /** Taken; a message sent one way has no reply. */
  taken: record("Taken", {}),
  /** No handler for the protocol. */
  unknown: record("Unknown", {}),
  /** Too much in hand: not handled, try later. */
  busy: record("Busy", {}),
  /** The frame could not be read. */
  broken: record("Broken", {}),
  /** The handler threw. */
  failed: record("Failed", { code: text(MAX_ERROR_CODE_BYTES), message: text(MAX_ERROR_TEXT_BYTES) }),
});

/** A request or a one-way message. */
export interface RequestFrame {
  readonly protocol: string;
  readonly wantsReply: boolean;
  readonly body: Uint8Array;
}

/** What came of it. */
export type AnswerFrame =
  | { readonly kind: "reply"; readonly body: Uint8Array }
  | { readonly kind: "taken" | "unknown" | "busy" | "broken" }
  | { readonly kind: "failed"; readonly code: string; readonly message: string };

const NOTHING = new Uint8Array(0);

function join<T>(schema: Schema<T>, header: T, body: Uint8Array): Uint8Array {
  const encoded = encode(schema, header);
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, encoded.length);
  return concatBytes(length, encoded, body);
}

function split<T>(schema: Schema<T>, frame: Uint8Array): { readonly header: T; readonly body: Uint8Array } {
  const broken = (why: string, cause?: unknown) =>
    new NetError(
      "protocol_error",
      `A frame is not a ${schema.name}: ${why}.`,
      { length: frame.length },
      cause,
    );
  if (frame.length < 4) throw broken(`it has ${frame.length} bytes`);
  const headerLength = new DataView(frame.buffer, frame.byteOffset).getUint32(0);
  if (headerLength > MAX_HEADER_BYTES) throw broken(`its header claims ${headerLength} bytes`);
  if (4 + headerLength > frame.length) throw broken("it ends within its header");
  const body = frame.subarray(4 + headerLength);
  if (body.length > MAX_TRANSPORT_BYTES) throw broken(`its body has ${body.length} bytes`);
  try {
    return { header: decode(schema, frame.subarray(4, 4 + headerLength)), body };
  } catch (thrown) {
    throw broken("its header cannot be decoded", thrown);
  }
}

/** Bytes of a request. The caller has checked the bounds. */
export function encodeRequest(request: RequestFrame): Uint8Array {
  return join(RequestHeader, { protocol: request.protocol, wantsReply: request.wantsReply }, request.body);
}

/**
 * Reads a request.
 *
 * @throws {NetError} `protocol_error`
 */
export function decodeRequest(frame: Uint8Array): RequestFrame {
  const { header, body } = split(RequestHeader, frame);
  return { ...header, body };
}

function shorten(sentence: string, maxBytes: number): string {
  // Three bytes cover any UTF-16 code unit, so this never cuts more than it must by a factor of three.
  return sentence.toWellFormed().slice(0, Math.floor(maxBytes / 3)).toWellFormed();
}

/** Bytes of an answer. Long error texts are cut. */
export function encodeAnswer(answer: AnswerFrame): Uint8Array {
  if (answer.kind !== "failed") {
    return join(AnswerHeader, { kind: answer.kind }, answer.kind === "reply" ? answer.body : NOTHING);
  }
  const code = shorten(answer.code, MAX_ERROR_CODE_BYTES);
  const message = shorten(answer.message, MAX_ERROR_TEXT_BYTES);
  return join(AnswerHeader, { kind: "failed", code, message }, NOTHING);
}

/**
 * Reads an answer.
 *
 * @throws {NetError} `protocol_error`
 */
export function decodeAnswer(frame: Uint8Array): AnswerFrame {
  const { header, body } = split(AnswerHeader, frame);
  return header.kind === "reply" ? { kind: "reply", body } : header;
}
