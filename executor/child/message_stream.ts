/**
 * Messages both ways over a pair of byte streams.
 *
 * @module
 */
import { Packr } from "msgpackr";
import { concatBytes } from "../../ledger/primitives/mod.ts";
import { ExecutorError } from "../errors.ts";
import { createByteReader } from "./byte_reader.ts";
import {
  DATA_FRAME_BYTES,
  FRAME,
  FRAME_HEADER_BYTES,
  frameHeader,
  MAX_ATTACHMENT_BYTES,
  parseHeader,
} from "./frames.ts";
import { packMessage, unpackMessage } from "./plain_message.ts";

/** What arrives. */
export type Received =
  | { readonly kind: "message"; readonly message: unknown }
  | { readonly kind: "heartbeat"; readonly residentBytes: number };

/** The sending half. */
export interface MessageWriter {
  /** Resolves when the stream has taken all of it. Messages do not mix; heartbeats slip in between their frames. */
  send(message: unknown): Promise<void>;
  heartbeat(residentBytes: number): Promise<void>;
  close(): Promise<void>;
}

const packr = new Packr({ useRecords: false });

/** Sends messages into a stream. */
export function createMessageWriter(stream: WritableStream<Uint8Array>): MessageWriter {
  const writer = stream.getWriter();
  let last: Promise<void> = Promise.resolve();

  /** One write: nothing comes between header and payload, and a host that is busy finds time for few. */
  async function writeFrame(kind: number, payload: Uint8Array): Promise<void> {
    await writer.write(concatBytes(frameHeader(kind, payload.length), payload));
  }

  async function writeMessage(message: unknown): Promise<void> {
    const { structure, attachments } = packMessage(message);
    const lengths = attachments.map(({ byteLength }) => byteLength);
    await writeFrame(FRAME.structure, new Uint8Array(packr.pack([structure, lengths])));
    for (const attachment of attachments) {
      for (let at = 0; at < attachment.length; at += DATA_FRAME_BYTES) {
        await writeFrame(FRAME.data, attachment.subarray(at, at + DATA_FRAME_BYTES));
      }
    }
  }

  return {
    send(message) {
      const mine = last.then(() => writeMessage(message));
      last = mine.catch(() => undefined); // told to its own caller; the next message fails by itself if the stream is gone
      return mine;
    },
    heartbeat: (residentBytes) => writeFrame(FRAME.heartbeat, new Uint8Array(packr.pack(residentBytes))),
    close: () => writer.close(),
  };
}

/**
 * Everything that arrives on a stream, until it ends.
 *
 * @throws {ExecutorError} `crashed` if the stream ends within a message or holds something else than messages.
 */
export async function* receiveMessages(
  stream: ReadableStream<Uint8Array>,
): AsyncGenerator<Received, void, void> {
  const reader = createByteReader(stream);
  const header = new Uint8Array(FRAME_HEADER_BYTES);

  async function payloadOf(bytes: number): Promise<Uint8Array> {
    const payload = new Uint8Array(bytes);
    if (bytes > 0 && !await reader.fill(payload)) throw cut();
    return payload;
  }

  try {
    let incoming: Incoming | undefined;
    while (await reader.fill(header)) {
      const { kind, payloadBytes } = parseHeader(header);
      if (kind === FRAME.heartbeat) {
        yield { kind: "heartbeat", residentBytes: Number(packr.unpack(await payloadOf(payloadBytes))) };
        continue;
      }
      if (kind === FRAME.structure) incoming = beginMessage(await payloadOf(payloadBytes));
      else if (incoming === undefined || !await fillNext(incoming, payloadBytes, reader.fill)) throw cut();
      if (incoming.missing === 0) {
        yield { kind: "message", message: unpackMessage(incoming) };
        incoming = undefined;
      }
    }
    if (incoming !== undefined) throw cut();
  } finally {
    await reader.cancel();
  }
}

interface Incoming {
  readonly structure: Uint8Array;
  readonly attachments: readonly Uint8Array<ArrayBuffer>[];
  /** Bytes of attachments still to come, and where the next one goes. */
  missing: number;
  attachment: number;
  offset: number;
}

function beginMessage(payload: Uint8Array): Incoming {
  const [structure, lengths]: [Uint8Array, number[]] = packr.unpack(payload);
  const missing = lengths.reduce((sum, length) => sum + length, 0);
  if (missing > MAX_ATTACHMENT_BYTES) {
    throw new ExecutorError(
      "crashed",
      `A message of ${missing} bytes exceeds the bound of ${MAX_ATTACHMENT_BYTES}.`,
    );
  }
  return {
    structure: new Uint8Array(structure),
    attachments: lengths.map((length) => new Uint8Array(length)),
    missing,
    attachment: 0,
    offset: 0,
  };
}

/** Puts the next data frame where it belongs. A frame never spans two attachments. */
async function fillNext(
  incoming: Incoming,
  bytes: number,
  fill: (target: Uint8Array) => Promise<boolean>,
): Promise<boolean> {
  while (incoming.attachments[incoming.attachment]?.length === incoming.offset) {
    incoming.attachment++;
    incoming.offset = 0;
  }
  const target = incoming.attachments[incoming.attachment]?.subarray(
    incoming.offset,
    incoming.offset + bytes,
  );
  if (target === undefined || target.length !== bytes || !await fill(target)) return false;
  incoming.offset += bytes;
  incoming.missing -= bytes;
  return true;
}

function cut(): ExecutorError {
  return new ExecutorError("crashed", "The executor's stream ended within a message.");
}
