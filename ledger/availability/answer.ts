/**
 * Answering a demand: the chunk is checked, and nothing of it kept.
 *
 * @module
 */
import { equalBytes, type Hash } from "../primitives/mod.ts";
import { ANSWER_WEIGHT } from "../economics/mod.ts";
import { type OperationRule, reject } from "../ops/mod.ts";
import { type StateReader, taskOf } from "../state/mod.ts";
import { availabilityOf } from "./begin.ts";
import { showsChunk } from "./chunk_proof.ts";
import type { AnswerChunk } from "./moves.ts";
import { availabilities, type Demand } from "./records.ts";

function demandOf(state: StateReader, task: Hash, id: Hash): Demand | undefined {
  return availabilities.get(state, task)?.demands.find((demand) => equalBytes(demand.id, id));
}

/** The rule of {@link AnswerChunk}. */
export const answerChunkRule: OperationRule<AnswerChunk> = {
  weight: ANSWER_WEIGHT,
  rejects: ["unknown_demand", "wrong_chunk"],
  reserved: true,
  check(state, _context, { task: id, demand: demandId, proof }) {
    const demand = demandOf(state, id, demandId);
    if (demand === undefined) {
      return reject("unknown_demand", "No such demand is open: it was answered, or its result is no more.");
    }
    const { program, manifest, result } = taskOf(state, id);
    const committed = { program, manifest, runRoot: result?.runRoot ?? program.initialRoot };
    if (showsChunk(committed, demand, proof)) return null;
    return reject(
      "wrong_chunk",
      `The proof does not show chunk ${demand.chunk} of the demanded ${demand.what.kind}. Prove it up to what was committed to.`,
    );
  },
  apply(state, context, { task, demand: demandId }) {
    const availability = availabilityOf(state, task), { sender, head } = context;
    const demands = availability.demands.filter(({ id }) => !equalBytes(id, demandId));
    const answered = availability.demands.filter(({ id }) => equalBytes(id, demandId))
      .map(({ deadline: _, ...demand }) => ({ ...demand, answerer: sender, height: head.height }));
    availabilities.put(state, task, {
      ...availability,
      demands,
      answered: [...availability.answered, ...answered],
    });
    context.emit({ kind: "chunk_answered", task, account: sender });
  },
};
