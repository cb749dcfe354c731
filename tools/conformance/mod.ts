/**
 * Conformance: ONNX's own backend tests, run on any engine. A test is a folder with a `model.onnx` and, in `test_data_set_*`,
 * inputs and the outputs they must give.
 *
 * Read `run_test.ts` (one test on an engine, with `compare_tensors.ts`), `child_runner.ts` and `child_main.ts` (in a process
 * that may crash or hang), `run_tests.ts`, `report.ts`; `conformance_command.ts` and `main.ts` are what a person runs.
 *
 * @module
 */
export { type ChildOptions, type ChildRunner, createChildRunner } from "./child_runner.ts";
export { compareTensors, DEFAULT_TOLERANCE, type Mismatch, type Tolerance } from "./compare_tensors.ts";
export { findTests, readTest, type TestFolder } from "./find_tests.ts";
export { LISTED_OPERATORS } from "./listed_operators.ts";
export type { NamedOutcome, Outcome, Trouble } from "./outcome.ts";
export { type Complaint, type ConformanceReport, type Counts, makeReport, tellReport } from "./report.ts";
export { runTest } from "./run_test.ts";
export { runTests } from "./run_tests.ts";
