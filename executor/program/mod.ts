/**
 * Programs: what a task asks to be computed, in the form that can be committed to, disputed and arbitrated.
 *
 * A **step graph** (`step_graph.ts`) computes one step; `training_step.ts`, `evaluation_step.ts` and `inference_step.ts` make
 * them from a model, in the form that each needs (`training_form.ts`). `build_program.ts` joins steps, state and data; `open_program.ts` is the reverse, for those who are handed
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
export {
  buildEvaluationStep,
  CORRECT,
  type EvaluationStep,
  type EvaluationStepOptions,
} from "./evaluation_step.ts";
export { bindModel, type ModelUse, WEIGHT } from "./embed_model.ts";
export { buildInferenceStep, type InferenceStepOptions } from "./inference_step.ts";
export { learningRate, type Schedule } from "./learning_rate.ts";
export { applyOptimizer, type Optimizer, type Parameter } from "./optimizers.ts";
export { trainableParameters } from "./parameters.ts";
export { openProgram } from "./open_program.ts";
export type { NamedHeader, OpenedPhase, OpenedProgram } from "./opened_program.ts";
export { STEP_NAMES, type StepGraph } from "./step_graph.ts";
export {
  buildInferenceProgram,
  buildTrainingProgram,
  type InferenceProgramOptions,
  type ProgramEngine,
  type TrainingProgramOptions,
} from "./task_programs.ts";
export { inferenceForm, type RunningStatistic, type TrainingForm, trainingForm } from "./training_form.ts";
export { trainedModel, trainedWeights, withWeights } from "./trained_model.ts";
export { buildTrainingStep, type StepWithState, type TrainingStepOptions } from "./training_step.ts";
