/**
 * Answering a demanded chunk, by whoever has the blob: the requester and the provider the task's files, the provider what it computed,
 * a member of the committee what it has certified.
 *
 * @module
 */
import { blobRoot, type Hash, locateSegment, stateRoot, tensorRoot } from "../../ledger/primitives/mod.ts";
import {
  type ChunkSource,
  type Demand,
  type DemandedBlob,
  type Operation,
  proveChunk,
  type Task,
} from "../../ledger/mod.ts";
import { decodeManifest, type NamedTensors, tensorBytes } from "../../executor/mod.ts";
import { type Activity, ActorError } from "../runtime/mod.ts";
import { seedOf } from "./auditor_moves.ts";
import type { BlobAccess } from "./blob_access.ts";
import { at, type Party, stepsOf } from "./party.ts";
import type { NamedTensor, OutputIndex } from "./party_protocol.ts";

/** A file of the requester. */
export type DemandedFile = Exclude<DemandedBlob, { readonly segment: number }>;

/** What a provider put out. */
export type DemandedOutput = Extract<DemandedBlob, { readonly segment: number }>;

/** The operation that answers a demand. */
export function answerOf({ id: demand, what, chunk }: Demand, task: Task, source: ChunkSource): Operation {
  return { kind: "answer_chunk", task: task.id, demand, proof: proveChunk({ what, chunk }, source) };
}

/** A tensor of several, from its blob. */
async function tensorSource(
  task: Task,
  entries: readonly NamedTensor[],
  tensor: number,
  get: (blob: Hash) => Promise<Uint8Array>,
): Promise<ChunkSource> {
  const { header } = at(entries, tensor, "tensor");
  return { program: task.program, entries, blob: await get(header.blob) };
}

/** A file of the requester, from the blobs that this node holds or gets. */
export async function fileSource(
  blobs: BlobAccess,
  task: Task,
  what: DemandedFile,
  { signal }: Pick<Activity, "signal">,
): Promise<ChunkSource> {
  const get = (blob: Hash) => blobs.get(blob, { signal, from: [task.requester] });
  const { program } = task;
  if (what.kind === "graph") {
    return { program, blob: await get(at(program.phases, what.phase, "phase").graph) };
  }
  const manifest = await get(task.manifest);
  if (what.kind === "manifest") return { program, blob: manifest };
  const named = decodeManifest(manifest);
  return await tensorSource(task, what.kind === "initial" ? named.state : named.data, what.tensor, get);
}

function headersOf({ entries, tensors }: NamedTensors): readonly NamedTensor[] {
  return entries.map(({ name }, i) => {
    const tensor = at(tensors, i, "tensor"), { dtype, shape } = tensor;
    return { name, header: { dtype, shape, blob: blobRoot(tensorBytes(tensor)) } };
  });
}

/** What this node computed itself, made again if need be. */
export async function computedSource(party: Party, what: DemandedOutput): Promise<ChunkSource> {
  const { executor, program: { id, program }, segmentRoots, seed, call } = party;
  const { segment, tensor } = what;
  const named = what.kind === "state"
    ? await executor.state({ program: id, segment: segment + 1 }, call)
    : await executor.output({ program: id, segment, step: what.step }, call);
  return {
    program,
    entries: headersOf(named),
    blob: tensorBytes(at(named.tensors, tensor, "tensor")),
    run: { segmentRoots, seed },
    ...(what.kind === "step" ? { stepRoots: (await stepsOf(party, segment)).roots } : {}),
  };
}

/** What this node fetched to certify it. */
export async function keptSource(
  blobs: BlobAccess,
  task: Task,
  { segmentRoots, finalState, maps }: OutputIndex,
  what: DemandedOutput,
  { signal }: Pick<Activity, "signal">,
): Promise<ChunkSource> {
  const { program } = task, run = { segmentRoots, seed: seedOf(task) };
  const get = (blob: Hash) => blobs.get(blob, { signal, from: [] });
  if (what.kind === "state") return { ...await tensorSource(task, finalState, what.tensor, get), run };
  const steps = maps.find(({ segment }) => segment === what.segment)?.steps;
  const first = locateSegment(program, what.segment)?.firstStep;
  if (steps === undefined || first === undefined) {
    throw new ActorError("mismatch", `There is no inference segment ${what.segment}.`);
  }
  const stepRoots = steps.map((tensors) =>
    stateRoot(tensors.map(({ name, header }) => ({ name, root: tensorRoot(header) })))
  );
  const entries = at(steps, what.step - first, "step");
  return { ...await tensorSource(task, entries, what.tensor, get), run, stepRoots };
}
