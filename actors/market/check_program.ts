/**
 * The market's look at a program before it is posted: is it what it says, can it be executed and disputed, what does it take?
 *
 * @module
 */
import { type Address, type Program, programSegments } from "../../ledger/primitives/mod.ts";
import { programFault } from "../../ledger/mod.ts";
import type { LoadedProgram } from "../../executor/mod.ts";
import { type Activity, codeOf, failureOf } from "../runtime/mod.ts";
import { type ProgramAccess, type ProgramOfTask, unitReason, type WorkPowers } from "../work/mod.ts";
import type { Estimate, MarketAnswer } from "./protocol.ts";

/** Failures of this node, not of the program: they are the asker's to hear as errors. */
const OWN_CODES: ReadonlySet<string> = new Set(["cancelled", "stopped", "crashed", "timed_out", "not_found"]);

async function estimateOf(
  { ledger, executor }: WorkPowers,
  { id, program, phases }: LoadedProgram,
  activity: Activity,
): Promise<Estimate> {
  const began = activity.now();
  await executor.trace({ program: id, segment: 0, step: 0 }, { signal: activity.signal });
  const stepMs = activity.now() - began;
  const steps = program.phases.reduce((sum, phase) => sum + phase.steps, 0);
  const offers = (await ledger.query("offers", null, activity)).filter(({ engines }) =>
    engines.includes(program.engine)
  );
  const prices = offers.map(({ minReward }) => minReward);
  return {
    program: id,
    steps,
    segments: programSegments(program),
    nodes: Math.max(...phases.map(({ nodes }) => nodes.length)),
    stepMs,
    totalMs: BigInt(stepMs) * BigInt(steps),
    offers: offers.length,
    lowestPrice: prices.length === 0 ? null : prices.reduce((low, price) => price < low ? price : low),
  };
}

function unfit(code: string, message: string): MarketAnswer {
  return { kind: "unfit", code: code.slice(0, 64), message: message.slice(0, 300).toWellFormed() };
}

/**
 * Opens a program and runs its first step.
 *
 * @throws {ActorError} when this node cannot say, for example because the blobs cannot be had.
 */
export async function checkProgram(
  powers: WorkPowers,
  programs: ProgramAccess,
  task: ProgramOfTask,
  from: Address,
  activity: Activity,
): Promise<MarketAnswer> {
  const fault = faultOf(task.program);
  if (fault !== null) return fault;
  try {
    const program = await programs.open(task, "everything", [from], activity);
    const tooDear = await unitReason(powers, program, activity);
    if (tooDear !== null) return unfit("unit_too_dear", tooDear);
    return { kind: "fit", estimate: await estimateOf(powers, program, activity) };
  } catch (thrown) {
    programs.forget(task);
    if (OWN_CODES.has(codeOf(thrown))) throw thrown;
    const { code, message } = failureOf(thrown);
    return unfit(code, message);
  }
}

/** What the ledger itself would refuse. */
function faultOf(program: Program): MarketAnswer | null {
  const fault = programFault(program);
  return fault === null ? null : unfit("bad_program", fault);
}
