/**
 * Running programs: segment by segment for a commitment, step by step and node by node for a dispute. Pure over an engine and
 * an opened program. Read `phase_runner.ts`, `program_runner.ts`, `trace_step.ts`, `execute_node.ts`, then
 * `commitment_trees.ts`.
 *
 * @module
 */
export {
  type CommitmentTree,
  firstDifference,
  nodeDescriptorTree,
  openRange,
  outputDescriptorTree,
  proveTreeLeaf,
  segmentTree,
  stateTree,
  stepTree,
  traceTree,
  treeRoot,
  treeTop,
} from "./commitment_trees.ts";
export { chunkNeeds, executeChunk } from "./execute_chunk.ts";
export { executeSums, sumNeeds } from "./execute_sum.ts";
export { dearestUnit } from "./unit_cost.ts";
export { executeNode } from "./execute_node.ts";
export { judgeNode, MOST_NODE_ELEMENTS, requireJudgeable } from "./judge_node.ts";
export { type Claim, claimOfFault, type Fault, type StepPlace } from "./fault.ts";
export { gatherRows, isHostGather } from "./host_gather.ts";
export { type EventGate, interruption, openEventGate, throwIfAborted } from "./interruption.ts";
export { type State } from "./phase_runner.ts";
export { type ProgramInputs, programInputs } from "./program_inputs.ts";
export {
  createProgramMemory,
  DEFAULT_MEMORY_LIMITS,
  type MemoryLimits,
  type ProgramMemory,
  type TracedStep,
} from "./program_memory.ts";
export {
  createProgramRunner,
  locate,
  outputEntries,
  phaseAt,
  type ProgramRunner,
  type SegmentOptions,
  type SegmentResult,
  type SegmentStep,
  stateEntries,
  type StepEvent,
} from "./program_runner.ts";
export { type Checkpoint, type RunOptions, runProgram, segmentRoots } from "./run_program.ts";
export { rememberRoots, type TensorRoots } from "./tensor_roots.ts";
export { type StepTrace } from "./trace_step.ts";
