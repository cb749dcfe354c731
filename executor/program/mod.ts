/**
 * Programs: what a task asks to be computed, in the form that can be committed to, disputed and arbitrated.
 *
 * A **step graph** (`step_graph.ts`) computes one step; `training_step.ts`, `evaluation_step.ts` and `inference_step.ts` make
 * them from a model. `build_program.ts` joins steps, state and data; `open_program.ts` is the reverse, for those who are handed
 * the result. `job.ts` reads what a person writes. Everything here is a pure function of its arguments.
 *
 * @module
 */
export { type Blob, blobOf, type BlobSource, blobSource, loadTensors, takeBlob } from "./blobs.ts";
export {
  buildProgram,
  type BuiltProgram,
  type NamedTensor,
  type PhasePlan,
  type ProgramPlan,
} from "./build_program.ts";
export { describeStep, type NamedInfo, type StepDescription } from "./describe_step.ts";
export { decodeManifest, encodeManifest, entryOf, manifestBlobs, ProgramManifest } from "./manifest.ts";
export { openProgram } from "./open_program.ts";
export type { NamedHeader, OpenedPhase, OpenedProgram } from "./opened_program.ts";
export { STEP_NAMES, type StepGraph } from "./step_graph.ts";
