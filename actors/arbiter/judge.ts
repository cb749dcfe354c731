/**
 * An arbiter's finding: the one disputed node, executed again from inputs that are what both sides agree they are.
 *
 * @module
 */
import {
  type Address,
  decode,
  encode,
  formatAddress,
  type Hash,
  locateSegment,
  type NodeDescriptor,
  type TensorHeader,
} from "../../ledger/primitives/mod.ts";
import { type Duty as LedgerDuty, verdictOf } from "../../ledger/mod.ts";
import type { DisputedNode } from "../../ledger/disputes/mod.ts";
import { rootOfTensor, type Tensor } from "../../executor/mod.ts";
import { ROLE } from "../roles.ts";
import { type Activity, ActorError, type ActorId } from "../runtime/mod.ts";
import { fetchTensor, PartyAnswer, PartyQuestion, type ProgramAccess, type WorkPowers } from "../work/mod.ts";

/** What an arbiter is asked to judge. */
export type Arbitration = Extract<LedgerDuty, { kind: "arbitrate" }>;

/** Time for a party to make the inputs again and to name their blobs. */
const INPUTS_MS = 60_000;

async function headersFrom(
  party: ActorId,
  dispute: Hash,
  activity: Activity,
): Promise<readonly (TensorHeader | null)[]> {
  const question = encode(PartyQuestion, { kind: "node_inputs", dispute });
  const answer = decode(PartyAnswer, await activity.ask(party, question, INPUTS_MS));
  if (answer.kind !== "node_inputs") {
    throw new ActorError("bad_message", "A party answered something else than was asked.");
  }
  return answer.headers;
}

/** The inputs of the node, from one party: every one has the root that stands in the opened leaf. */
async function inputsFrom(
  powers: WorkPowers,
  party: ActorId,
  from: readonly Address[],
  { dispute, opened: { leaf, descriptor } }: Arbitration,
  activity: Activity,
): Promise<readonly (Tensor | null)[]> {
  const headers = await headersFrom(party, dispute.id, activity);
  return await Promise.all(descriptor.inputs.map(async (source, i) => {
    if (isKnown(source)) return null;
    const header = headers[i] ?? null, root = leaf.inputs[i];
    if (header === null || root === undefined) {
      throw new ActorError("unavailable", `A party did not name input ${i} of the disputed node.`);
    }
    return await fetchTensor(powers.blobs, root, header, { signal: activity.signal, from });
  }));
}

/** Whether the program itself says what an input is. */
function isKnown(source: NodeDescriptor["inputs"][number]): boolean {
  return source.kind === "absent" || source.kind === "constant";
}

/**
 * Executes the disputed node.
 *
 * @returns The verdict to commit to, and the operator's name for people.
 * @throws {ActorError} `unavailable` if neither party gives the inputs; what the executor throws.
 */
export async function judge(
  powers: WorkPowers,
  programs: ProgramAccess,
  arbitration: Arbitration,
  at: DisputedNode,
  activity: Activity,
): Promise<{ readonly verdict: Hash; readonly operator: string }> {
  const { task, dispute } = arbitration;
  const from = [dispute.provider, dispute.challenger, dispute.requester];
  const program = await programs.open(task, "graphs", from, activity);
  const phase = locateSegment(task.program, at.within.within.segment)?.phaseIndex;
  if (phase === undefined) {
    throw new ActorError("mismatch", "The dispute names a place that the program does not have.");
  }
  const parties: readonly ActorId[] = [
    { peer: formatAddress(dispute.provider), role: ROLE.provider },
    { peer: formatAddress(dispute.challenger), role: ROLE.challenger },
  ];
  const failures: unknown[] = [];
  for (const party of parties) {
    let inputs: readonly (Tensor | null)[];
    try {
      inputs = await inputsFrom(powers, party, from, arbitration, activity);
    } catch (thrown) {
      activity.signal.throwIfAborted();
      failures.push(thrown);
      continue; // the other party keeps them too
    }
    const outputs = await powers.executor.executeNode(
      { program: program.id, phase, node: at.node, inputs },
      { signal: activity.signal },
    );
    const operator = program.phases[phase]?.labels[at.node]?.operator ?? "";
    return { verdict: verdictOf(outputs.map(rootOfTensor)), operator };
  }
  const reasons = failures.map((thrown) => thrown instanceof Error ? thrown.message : String(thrown)).join(
    " ",
  );
  throw new ActorError("unavailable", `Neither party gave the inputs of the disputed node. ${reasons}`);
}
