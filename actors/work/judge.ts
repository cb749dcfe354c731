/**
 * What a dispute is about, executed again by somebody who computed nothing of it: from inputs that are what both sides agree they are.
 * Of engines with random access just one chunk is executed, or one part of an element's sum, from just the input chunks that it takes.
 *
 * @module
 */
import {
  type Address,
  decode,
  encode,
  equalBytes,
  formatAddress,
  type Hash,
  isTolerant,
  locateSegment,
  type NodeDescriptor,
  type OutputDescriptor,
  stateRoot,
  type TensorHeader,
  tensorRoot,
} from "../../ledger/primitives/mod.ts";
import type { Dispute, OpenedNode, Task } from "../../ledger/mod.ts";
import {
  chunkVerdict,
  type DisputedNode,
  nodeVerdict,
  partVerdict,
  type Unit,
} from "../../ledger/disputes/mod.ts";
import {
  type ChunkNeeds,
  rootOfTensor,
  type SumWork,
  type Tensor,
  type TensorChunks,
} from "../../executor/mod.ts";
import { ROLE } from "../roles.ts";
import { type Activity, ActorError, type ActorId } from "../runtime/mod.ts";
import { type NamedTensor, PartyAnswer, PartyQuestion } from "./party_protocol.ts";
import type { WorkPowers } from "./powers.ts";
import type { ProgramAccess } from "./program_access.ts";
import { claimsOf } from "./claims.ts";
import { workOf } from "./own_verdict.ts";
import { fetchTensor } from "./tensors.ts";

/** What is to be judged. */
export interface Judgement {
  readonly task: Task;
  readonly dispute: Dispute;
  readonly opened: OpenedNode;
  readonly turn: { readonly at: DisputedNode; readonly unit: Unit };
}

/** What came out. */
export interface Finding {
  readonly verdict: Hash;
  /** Name of the operator, and what of its outputs was executed, for people. */
  readonly operator: string;
}

/** Of a secret by which a claimed output is screened. */
const SECRET_BYTES = 32;

/** Time for a party to make the inputs again and to name their blobs. */
const INPUTS_MS = 60_000;

/** Where a node stands in a loaded program. */
interface NodePlace {
  readonly program: Hash;
  readonly phase: number;
  readonly node: number;
}

type Headers = readonly (TensorHeader | null)[];

/**
 * What a node of a tolerant program is committed to have put out: not by its opened leaf, which is made up when it is asked for, but by its
 * step's outputs, all of which everybody could have before.
 */
async function claimsFrom(
  party: ActorId,
  { dispute, turn: { at } }: Judgement,
  outputs: readonly OutputDescriptor[],
  activity: Activity,
): Promise<readonly NamedTensor[]> {
  const question = encode(PartyQuestion, { kind: "step_outputs", dispute: dispute.id });
  const answer = decode(PartyAnswer, await activity.ask(party, question, INPUTS_MS));
  if (answer.kind !== "step_outputs") {
    throw new ActorError("bad_message", "A party answered something else than was asked.");
  }
  const root = stateRoot(answer.outputs.map(({ name, header }) => ({ name, root: tensorRoot(header) })));
  if (!equalBytes(root, at.within.root)) {
    throw new ActorError(
      "mismatch",
      "A party named other outputs of the disputed step than were committed to.",
    );
  }
  return claimsOf(outputs, answer.outputs, at.node);
}

async function headersFrom(party: ActorId, dispute: Hash, activity: Activity): Promise<Headers> {
  const question = encode(PartyQuestion, { kind: "node_inputs", dispute });
  const answer = decode(PartyAnswer, await activity.ask(party, question, INPUTS_MS));
  if (answer.kind !== "node_inputs") {
    throw new ActorError("bad_message", "A party answered something else than was asked.");
  }
  return answer.headers;
}

/** Whether the program itself says what an input is. */
function isKnown(source: NodeDescriptor["inputs"][number] | undefined): boolean {
  return source === undefined || source.kind === "absent" || source.kind === "constant";
}

/** The header of an input, which the opened leaf must be the hash of. */
function headerOf(
  { leaf }: OpenedNode,
  headers: Headers,
  input: number,
): { root: Hash; header: TensorHeader } {
  const header = headers[input] ?? null, root = leaf.inputs[input];
  if (header === null || root === undefined) {
    throw new ActorError("unavailable", `A party did not name input ${input} of the disputed node.`);
  }
  if (!equalBytes(tensorRoot(header), root)) {
    throw new ActorError(
      "mismatch",
      `A party named another input ${input} of the disputed node than was opened.`,
    );
  }
  return { root, header };
}

interface Sources {
  readonly opened: OpenedNode;
  readonly headers: Headers;
  /** Of a tolerant program: what the node is committed to have put out. */
  readonly claims?: readonly NamedTensor[];
  readonly from: readonly Address[];
  /** Notes a failure of this node's own executor: it says nothing about the party that gave the inputs. */
  execute<T>(work: Promise<T>): Promise<T>;
}

/** Executes the whole node. */
async function wholeNode(
  { executor, blobs }: WorkPowers,
  { opened, headers, from, execute, claims }: Sources,
  place: NodePlace,
  { signal, random }: Activity,
): Promise<Hash> {
  const inputs = await Promise.all(
    opened.descriptor.inputs.map(async (source, i): Promise<Tensor | null> => {
      if (isKnown(source)) return null;
      const { root, header } = headerOf(opened, headers, i);
      return await fetchTensor(blobs, root, header, { signal, from });
    }),
  );
  const claimed = claims && await Promise.all(
    claims.map(({ header }) => fetchTensor(blobs, tensorRoot(header), header, { signal, from })),
  );
  const request = {
    ...place,
    inputs,
    ...(claimed === undefined ? {} : { claimed, secret: random(SECRET_BYTES) }),
  };
  const outputs = await execute(executor.executeNode(request, { signal }));
  return nodeVerdict(opened.leaf, outputs.map(rootOfTensor));
}

/** Input chunks at hand. */
type Chunks = readonly (TensorChunks | null)[];

/** Fetches what an execution takes: asks what that is, fetches it, asks again as long as what was fetched decides what else is needed. */
async function fetchNeeded(
  { blobs }: WorkPowers,
  { opened, headers, from, execute }: Sources,
  needsOf: (inputs: Chunks) => Promise<ChunkNeeds>,
  { signal }: Activity,
): Promise<Chunks> {
  const inputs: (TensorChunks | null)[] = opened.descriptor.inputs.map(() => null);
  for (let complete = false; !complete;) {
    const needs = await execute(needsOf(inputs));
    for (const { input, positions } of needs.chunks) {
      if (isKnown(opened.descriptor.inputs[input])) continue;
      const { header } = headerOf(opened, headers, input);
      const chunks = await blobs.chunks(header.blob, positions, { signal, from });
      inputs[input] = [...chunks].map(([position, bytes]) => ({ position, bytes }));
    }
    if (!needs.complete && needs.chunks.length === 0) {
      throw new ActorError("mismatch", "The executor awaits input chunks and does not name them.");
    }
    ({ complete } = needs);
  }
  return inputs;
}

/** Executes one chunk. */
async function oneChunk(
  powers: WorkPowers,
  sources: Sources,
  place: NodePlace & { readonly output: number; readonly chunk: number },
  activity: Activity,
): Promise<Hash> {
  const { executor } = powers, { signal } = activity;
  const needsOf = (inputs: Chunks) => executor.chunkNeeds({ ...place, inputs }, { signal });
  const inputs = await fetchNeeded(powers, sources, needsOf, activity);
  return chunkVerdict(await sources.execute(executor.executeChunk({ ...place, inputs }, { signal })));
}

/** Executes one part of the sum that an element is. */
async function onePart(
  powers: WorkPowers,
  sources: Sources,
  place: NodePlace & { readonly element: number; readonly works: readonly SumWork[] },
  activity: Activity,
): Promise<Hash> {
  const { executor } = powers, { signal } = activity;
  const needsOf = (inputs: Chunks) => executor.sumNeeds({ ...place, inputs }, { signal });
  const inputs = await fetchNeeded(powers, sources, needsOf, activity);
  const [sum] = await sources.execute(executor.executeSums({ ...place, inputs }, { signal }));
  if (sum === undefined) throw new ActorError("mismatch", "The executor gave no sum for the work.");
  return partVerdict(sum);
}

/** Executes a unit, and says what of the operator's it is. */
async function oneUnit(
  powers: WorkPowers,
  sources: Sources,
  place: NodePlace,
  unit: Unit,
  activity: Activity,
): Promise<{ readonly verdict: Hash; readonly part: string }> {
  switch (unit.kind) {
    case "node":
      return { verdict: await wholeNode(powers, sources, place, activity), part: "" };
    case "chunk": {
      const { output, chunk } = unit;
      const verdict = await oneChunk(powers, sources, { ...place, output, chunk }, activity);
      return { verdict, part: `chunk ${chunk} of ` };
    }
    case "block":
    case "combination": {
      const { element } = unit, works = [workOf(unit)];
      const verdict = await onePart(powers, sources, { ...place, element, works }, activity);
      const what = unit.kind === "block" ? `block ${unit.block}` : "the combination";
      return { verdict, part: `${what} of element ${element} of ` };
    }
  }
}

/**
 * Executes what is disputed.
 *
 * @throws {ActorError} `unavailable` if neither party gives the inputs; what the executor throws.
 */
export async function judge(
  powers: WorkPowers,
  programs: ProgramAccess,
  judgement: Judgement,
  activity: Activity,
): Promise<Finding> {
  const { task, dispute, opened, turn: { at, unit } } = judgement;
  const from = [dispute.provider, dispute.challenger, dispute.requester];
  const { id: program, phases } = await programs.open(task, "graphs", from, activity);
  const phase = locateSegment(task.program, at.within.within.segment)?.phaseIndex;
  if (phase === undefined) {
    throw new ActorError("mismatch", "The dispute names a place that the program does not have.");
  }
  const place = { program, phase, node: at.node };
  const operator = phases[phase]?.labels[at.node]?.operator ?? "";
  const parties: readonly ActorId[] = [
    { peer: formatAddress(dispute.provider), role: ROLE.provider },
    { peer: formatAddress(dispute.challenger), role: ROLE.challenger },
  ];
  const failures: unknown[] = [];
  let isOwnFailure = false;
  const execute = <T>(work: Promise<T>): Promise<T> =>
    work.catch((thrown) => {
      isOwnFailure = true;
      throw thrown;
    });
  for (const party of parties) {
    try {
      const headers = await headersFrom(party, dispute.id, activity);
      const claims = isTolerant(task.program)
        ? { claims: await claimsFrom(party, judgement, phases[phase]?.outputs ?? [], activity) }
        : {};
      const sources = { opened, from, headers, execute, ...claims };
      const { verdict, part } = await oneUnit(powers, sources, place, unit, activity);
      return { verdict, operator: part + operator };
    } catch (thrown) {
      activity.signal.throwIfAborted();
      if (isOwnFailure) throw thrown;
      failures.push(thrown); // the other party keeps the inputs too
    }
  }
  const reasons = failures.map((thrown) => thrown instanceof Error ? thrown.message : String(thrown)).join(
    " ",
  );
  throw new ActorError("unavailable", `Neither party gave the inputs of what is disputed. ${reasons}`);
}
