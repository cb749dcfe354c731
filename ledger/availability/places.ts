/**
 * Where a demanded chunk is: a blob by its place under what was committed to, so that also somebody who was never told its id can name it.
 *
 * @module
 */
import {
  type Infer,
  locateSegment,
  type Program,
  programSegments,
  record,
  segmentInput,
  u32,
  union,
} from "../primitives/mod.ts";

/** The blob that a chunk is of. */
export const DemandedBlob = union("DemandedBlob", {
  /** The requester's: the task's manifest, the graph of a phase, a tensor of the initial state or of the data. */
  manifest: record("DemandedManifest", {}),
  graph: record("DemandedGraph", { phase: u32 }),
  initial: record("DemandedInitial", { tensor: u32 }),
  data: record("DemandedData", { tensor: u32 }),
  /** The provider's: a tensor of the state after a segment of a `carry` phase. */
  state: record("DemandedState", { segment: u32, tensor: u32 }),
  /** The provider's: a tensor that a step of a `map` phase put out. The step counts from the phase's first. */
  step: record("DemandedStep", { segment: u32, step: u32, tensor: u32 }),
});
/** See {@link DemandedBlob}. */
export type DemandedBlob = Infer<typeof DemandedBlob>;

/** Who must serve a blob. */
export function holderOf({ kind }: DemandedBlob): "requester" | "provider" {
  return kind === "state" || kind === "step" ? "provider" : "requester";
}

/** Whether a blob is part of the output that a committee certifies: the final state, and all that was put out on the way. */
export function isOutput(program: Program, what: DemandedBlob): boolean {
  if (what.kind === "step") return true;
  if (what.kind !== "state") return false;
  const last = segmentInput(program, programSegments(program));
  return last.kind === "segment" && last.index === what.segment;
}

/** Whether the program has a place. */
export function exists(program: Program, what: DemandedBlob): boolean {
  switch (what.kind) {
    case "manifest":
      return true;
    case "graph":
      return what.phase < program.phases.length;
    case "initial":
      return what.tensor < program.stateTensors;
    case "data":
      return what.tensor < program.dataTensors;
    case "state":
      return locateSegment(program, what.segment)?.phase.mode === "carry" &&
        what.tensor < program.stateTensors;
    case "step": {
      const location = locateSegment(program, what.segment);
      return location?.phase.mode === "map" && what.tensor < location.phase.outputs &&
        what.step >= location.firstStep && what.step < location.endStep;
    }
  }
}

/** Whether two name the same blob. */
export function sameBlob(a: DemandedBlob, b: DemandedBlob): boolean {
  switch (a.kind) {
    case "manifest":
      return b.kind === "manifest";
    case "graph":
      return b.kind === "graph" && b.phase === a.phase;
    case "initial":
    case "data":
      return b.kind === a.kind && b.tensor === a.tensor;
    case "state":
      return b.kind === "state" && b.segment === a.segment && b.tensor === a.tensor;
    case "step":
      return b.kind === "step" && b.segment === a.segment && b.step === a.step && b.tensor === a.tensor;
  }
}
