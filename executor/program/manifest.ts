/**
 * The manifest: a program together with what is needed to find its parts. A task names the manifest's blob.
 *
 * @module
 */
import {
  bytesToHex,
  decode,
  encode,
  type Hash,
  type Infer,
  list,
  messageOf,
  Program,
  record,
  type StateEntry,
  TensorHeader,
  tensorRoot,
  text,
} from "../../ledger/primitives/mod.ts";
import { ExecutorError } from "../errors.ts";
import type { NamedHeader } from "./opened_program.ts";

/** Most tensors of a state or of the data: their headers must fit one message. */
export const MAX_TENSORS = 16_384;

const NamedTensorHeader = record("NamedTensorHeader", { name: text(256), header: TensorHeader });

/** The program, and the headers of its initial state and data; the graphs' blobs are named by the program's phases. */
export const ProgramManifest = record("ProgramManifest", {
  program: Program,
  state: list(NamedTensorHeader, MAX_TENSORS),
  data: list(NamedTensorHeader, MAX_TENSORS),
});
/** See {@link ProgramManifest}. */
export type ProgramManifest = Infer<typeof ProgramManifest>;

/** The manifest's bytes: the blob that a task names. */
export function encodeManifest(manifest: ProgramManifest): Uint8Array {
  return encode(ProgramManifest, manifest);
}

/**
 * Reads a manifest. Whether it is consistent is found by `openProgram`.
 *
 * @throws {ExecutorError} `bad_program` for bytes that are none.
 */
export function decodeManifest(bytes: Uint8Array): ProgramManifest {
  try {
    return decode(ProgramManifest, bytes);
  } catch (cause) {
    throw new ExecutorError(
      "bad_program",
      `The bytes are no program manifest: ${messageOf(cause)}`,
      {},
      cause,
    );
  }
}

/** Roots of all blobs that the manifest refers to, each once: graphs, then initial state, then data. */
export function manifestBlobs(manifest: ProgramManifest): readonly Hash[] {
  const ids = [
    ...manifest.program.phases.map(({ graph }) => graph),
    ...[...manifest.state, ...manifest.data].map(({ header }) => header.blob),
  ];
  return [...new Map(ids.map((id) => [bytesToHex(id), id])).values()];
}

/** The state entry of a named tensor. */
export function entryOf({ name, header }: NamedHeader): StateEntry {
  return { name, root: tensorRoot(header) };
}
