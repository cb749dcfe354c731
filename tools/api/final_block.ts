/**
 * A final block, as the node itself keeps it.
 *
 * @module
 */
import { LedgerAnswer, LedgerQuestion, ROLE } from "../../actors/mod.ts";
import type { Block } from "../../ledger/chain/mod.ts";
import { NodeAnswer, NodeRequest, readBlock } from "../../ledger/node/mod.ts";
import { decode, encode } from "../../ledger/primitives/mod.ts";
import type { RunningNode } from "../node/start_node.ts";

/** The node answers from memory or its disk; one that takes longer is overloaded or stopping. */
const ANSWER_MS = 20_000;

/** The final block at a height; undefined if the node has none there, or has it no more. */
export async function finalBlock(
  { transport, actors }: Pick<RunningNode, "transport" | "actors">,
  height: bigint,
): Promise<Block | undefined> {
  const request = encode(NodeRequest, { kind: "range", from: height });
  const self = { peer: transport.self, role: ROLE.validator };
  const question = encode(LedgerQuestion, { kind: "replica", request });
  const answered = decode(LedgerAnswer, await actors.ask(self, question, ANSWER_MS));
  const answer = answered.kind === "replica" ? decode(NodeAnswer, answered.answer) : undefined;
  const [encoded] = answer?.kind === "range" ? answer.blocks : [];
  return encoded === undefined ? undefined : readBlock(encoded);
}
