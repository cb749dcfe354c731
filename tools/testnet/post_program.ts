/**
 * Posting a built program as a task from a member of a test network.
 *
 * @module
 */
import { RequesterAnswer, RequesterQuestion, ROLE } from "../../actors/mod.ts";
import { type BuiltProgram } from "../../executor/mod.ts";
import { decode, encode, type Hash } from "../../ledger/primitives/mod.ts";
import { ToolError } from "../errors.ts";
import type { RunningNode } from "../node/start_node.ts";

/** What is asked of the network besides the computation. Amounts in the smallest unit. */
export interface TaskTerms {
  readonly title: string;
  readonly reward: bigint;
  readonly collateral: bigint;
  /** What a false result would be worth, and the least number of segments to audit; 0: what the network asks for. */
  readonly gain: bigint;
  readonly auditSegments: number;
  readonly memoryMiB: number;
  readonly thresholdPpm: number | null;
  /** Blocks from acceptance to the result. */
  readonly computeBlocks: number;
}

/** A task is posted with one transaction: a few blocks, on a busy machine a few seconds each. */
const POST_MS = 60_000;

/**
 * Puts a program's files into the node's blob store, which serves them, and posts the task.
 *
 * @returns the task's id, once it stands on the ledger.
 */
export async function postProgram(node: RunningNode, built: BuiltProgram, terms: TaskTerms): Promise<Hash> {
  for (const { bytes } of built.blobs) await node.blobs.put(bytes);
  const question = encode(RequesterQuestion, {
    kind: "post",
    ...terms,
    program: built.program,
    manifest: built.manifestId,
  });
  const requester = { peer: node.transport.self, role: ROLE.requester };
  const answer = decode(RequesterAnswer, await node.actors.ask(requester, question, POST_MS));
  if (answer.kind !== "posted") {
    throw new ToolError("failed", `The requester answered "${answer.kind}" to a post.`);
  }
  return answer.task;
}
