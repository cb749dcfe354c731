/**
 * Job files: what a person writes (YAML or JSON), as typed and checked data. Reading the files they name, and posting the task,
 * is for tools. Read `job.ts`, then `parse_job.ts`.
 *
 * @module
 */
export type { InferJob, Job, JobBase, TensorFile, TrainJob } from "./job.ts";
export { parseJob } from "./parse_job.ts";
