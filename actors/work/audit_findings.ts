/**
 * What the execution of one segment comes to, as audits ask for it: by its provider, and by its auditors.
 *
 * @module
 */
import { type Hash, leafHashes, locateSegment, rootOfTop, topOf } from "../../ledger/primitives/mod.ts";
import { type AuditFinding, segmentTrace } from "../../ledger/audits/mod.ts";
import { traceLeaves } from "../../ledger/disputes/mod.ts";
import type { CallOptions, Executor, LoadedProgram } from "../../executor/mod.ts";
import { ActorError } from "../runtime/mod.ts";
import { at } from "./party.ts";

function rootOf(leaves: readonly Hash[]): Hash {
  return rootOfTop(topOf(leaves), leaves.length);
}

/**
 * Executes a segment, from the state that the executor has for it.
 *
 * @param apart Whether from the state that it was handed apart, see `ProgramRequest`. Default false.
 */
export async function findingOf(
  executor: Executor,
  { id, program }: LoadedProgram,
  segment: number,
  call: CallOptions,
  apart = false,
): Promise<AuditFinding> {
  const location = locateSegment(program, segment);
  if (location === undefined) {
    throw new ActorError("mismatch", `The program has no segment ${segment}.`, { segment });
  }
  const { roots, firstStep } = await executor.steps({ program: id, segment, apart }, call);
  const { nodes } = await executor.trace({ program: id, segment, step: firstStep, apart }, call);
  const stepsRoot = rootOf(leafHashes(roots));
  const output = location.phase.mode === "map" ? stepsRoot : at(roots, roots.length - 1, "step");
  return { output, trace: segmentTrace(stepsRoot, rootOf(traceLeaves(nodes))) };
}
