/**
 * What a member of a result's committee does: gets everything that the result put out, from the provider, from other members, or off the ledger where a
 * chunk was demanded; keeps it; and says what is missing.
 *
 * @module
 */
import {
  type Address,
  bytesToHex,
  CHUNK_BYTES,
  concatBytes,
  decode,
  DTYPE_BYTES,
  encode,
  equalBytes,
  formatAddress,
  type Hash,
  locateSegment,
  programSegments,
  segmentInput,
  type TensorHeader,
} from "../../ledger/primitives/mod.ts";
import type { Availability, DemandedBlob, Task } from "../../ledger/mod.ts";
import { sameBlob } from "../../ledger/availability/mod.ts";
import { ROLE } from "../roles.ts";
import { type Activity, ActorError, type ActorId, failureOf } from "../runtime/mod.ts";
import { seedOf } from "./auditor_moves.ts";
import { checkOutputs } from "./output_index.ts";
import { OutputIndex, PartyAnswer, PartyQuestion } from "./party_protocol.ts";
import type { WorkPowers } from "./powers.ts";

/** Time for somebody to say where the outputs are: it need not compute anything. */
const INDEX_MS = 15_000;

/** Time for one blob, before it counts as not served. */
const BLOB_MS = 30_000;

/** A chunk by its place. */
export interface MissingChunk {
  readonly what: DemandedBlob;
  readonly chunk: number;
}

/** What may be used for it. */
export type HoldingPowers = Pick<WorkPowers, "ledger" | "blobs" | "journal">;

function noteKey({ id, attempt }: Pick<Task, "id" | "attempt">): string {
  return `held/${bytesToHex(id)}/${attempt}`;
}

/** Where the outputs are that this node has certified; undefined if it has not. */
export async function heldIndex(
  { journal }: Pick<WorkPowers, "journal">,
  task: Pick<Task, "id" | "attempt">,
): Promise<OutputIndex | undefined> {
  const note = await journal.get(noteKey(task));
  return note === undefined ? undefined : decode(OutputIndex, note);
}

/** Those who should have the outputs of a result, best first: its provider, then who has certified. */
export function holdersOf(
  { result }: Task,
  availability: Availability | undefined,
): readonly ActorId[] {
  const members = availability?.certified ?? [];
  return [
    ...result === null ? [] : [{ peer: formatAddress(result.provider), role: ROLE.provider }],
    ...members.map((member) => ({ peer: formatAddress(member), role: ROLE.challenger })),
  ];
}

/**
 * Asks for the index of a result's outputs, one after another, and checks what they say.
 *
 * @throws {ActorError} what the last one failed with.
 */
export async function askForIndex(
  task: Task,
  holders: readonly ActorId[],
  activity: Activity,
): Promise<OutputIndex> {
  let failure: unknown = new ActorError("unavailable", "Nobody is known to hold the outputs.");
  for (const holder of holders) {
    try {
      const question = encode(PartyQuestion, { kind: "outputs", task: task.id });
      const answer = decode(PartyAnswer, await activity.ask(holder, question, INDEX_MS));
      if (answer.kind !== "outputs" || task.result === null) {
        throw new ActorError("bad_message", "The answer is something else than was asked.");
      }
      checkOutputs(task.program, { runRoot: task.result.runRoot, seed: seedOf(task) }, answer.index);
      return answer.index;
    } catch (thrown) {
      activity.signal.throwIfAborted();
      failure = thrown;
    }
  }
  throw failure;
}

/** Every blob of the outputs with its place, each once. */
function placesOf(task: Task, { finalState, maps }: OutputIndex) {
  const last = segmentInput(task.program, programSegments(task.program));
  const state = last.kind === "initial" ? [] : finalState.map(({ header }, tensor) => ({
    header,
    what: { kind: "state", segment: last.index, tensor } as const,
  }));
  const steps = maps.flatMap(({ segment, steps }) => {
    const first = locateSegment(task.program, segment)?.firstStep ?? 0;
    return steps.flatMap((tensors, i) =>
      tensors.map(({ header }, tensor) => ({
        header,
        what: { kind: "step", segment, step: first + i, tensor } as const,
      }))
    );
  });
  return [...new Map([...state, ...steps].map((place) => [bytesToHex(place.header.blob), place])).values()];
}

/** The first output of a program: what is demanded by somebody who was told nothing. */
function firstPlace({ program }: Task): DemandedBlob {
  const last = segmentInput(program, programSegments(program));
  if (last.kind === "segment") return { kind: "state", segment: last.index, tensor: 0 };
  return { kind: "step", segment: 0, step: 0, tensor: 0 };
}

/** A chunk that was shown on the ledger; undefined if it was not. */
async function shownChunk(
  { ledger }: HoldingPowers,
  { answered }: Availability,
  { what, chunk }: MissingChunk,
  activity: Activity,
): Promise<Uint8Array | undefined> {
  const answer = answered.find((each) => each.chunk === chunk && sameBlob(each.what, what));
  if (answer === undefined) return undefined;
  for (const operation of await ledger.operations(answer.height, activity)) {
    if (operation.kind === "answer_chunk" && equalBytes(operation.demand, answer.id)) {
      if (operation.proof.chunk !== null) return operation.proof.chunk.bytes;
    }
  }
  return undefined;
}

/** Puts a blob together chunk by chunk. Gives the number of the first chunk that is nowhere; null if the blob is here now. */
async function assemble(
  powers: HoldingPowers,
  availability: Availability,
  what: DemandedBlob,
  { blob, dtype, shape }: TensorHeader,
  from: readonly Address[],
  activity: Activity,
): Promise<number | null> {
  const byteLength = shape.reduce((product, size) => product * size, DTYPE_BYTES[dtype]);
  const parts: Uint8Array[] = [];
  for (let chunk = 0; chunk < Math.ceil(byteLength / CHUNK_BYTES); chunk++) {
    const shown = await shownChunk(powers, availability, { what, chunk }, activity);
    const part = shown ?? await servedChunk(powers, blob, chunk, from, activity);
    if (part === undefined) return chunk;
    parts.push(part);
  }
  await powers.blobs.put(concatBytes(...parts));
  return null;
}

async function servedChunk(
  { blobs }: HoldingPowers,
  blob: Hash,
  chunk: number,
  from: readonly Address[],
  { signal }: Activity,
): Promise<Uint8Array | undefined> {
  try {
    return (await blobs.chunks(blob, [chunk], { signal, from, timeoutMs: BLOB_MS })).get(chunk);
  } catch {
    signal.throwIfAborted();
    return undefined; // what cannot be had is what is asked here
  }
}

/**
 * Gets everything that a result put out, and keeps it.
 *
 * @returns The first chunk that could not be had; null if all is here.
 */
export async function holdOutputs(
  powers: HoldingPowers,
  task: Task,
  availability: Availability,
  activity: Activity,
): Promise<MissingChunk | null> {
  const { blobs, journal } = powers, { signal } = activity;
  const holders = holdersOf(task, availability);
  let index: OutputIndex;
  try {
    index = await heldIndex(powers, task) ?? await askForIndex(task, holders, activity);
  } catch (thrown) {
    signal.throwIfAborted();
    tellMissing(activity, "where the outputs are", thrown);
    return { what: firstPlace(task), chunk: 0 };
  }
  const from = [availability.provider, ...availability.certified];
  for (const { what, header } of placesOf(task, index)) {
    try {
      await blobs.get(header.blob, { signal, from, timeoutMs: BLOB_MS });
    } catch (thrown) {
      signal.throwIfAborted();
      const chunk = await assemble(powers, availability, what, header, from, activity);
      if (chunk === null) continue;
      tellMissing(activity, `chunk ${chunk} of an output`, thrown);
      return { what, chunk };
    }
  }
  await journal.put(noteKey(task), encode(OutputIndex, index));
  return null;
}

function tellMissing(activity: Activity, what: string, thrown: unknown): void {
  const { code, message } = failureOf(thrown);
  activity.emit({ kind: "warning", code, message: `Could not be had: ${what}. ${message}` });
}
