/**
 * Computing on this machine, without a network: `assay run` and `assay train --local`. The computing itself is the executor's
 * (`runModel`, `runLocally`, `trainedModel`), for whoever wants it as a library; here are files, options and the terminal.
 *
 * Read `open_engine.ts`, `files.ts`, `model_inputs.ts`, `run_command.ts`; then `checkpoint_file.ts`, `train_job.ts`,
 * `train_command.ts`.
 *
 * @module
 */
export { loadCheckpoint, saveCheckpoint, type SavedCheckpoint } from "./checkpoint_file.ts";
export { readTensors, type TensorFileContent, writeTensors } from "./files.ts";
export { readInputs } from "./model_inputs.ts";
export { type EngineChoice, engineNameOf, openEngine } from "./open_engine.ts";
export { runCommand } from "./run_command.ts";
export { trainCommand } from "./train_command.ts";
export { TRAINING_FILES, type TrainingRequest, type TrainingResult, trainJob } from "./train_job.ts";
