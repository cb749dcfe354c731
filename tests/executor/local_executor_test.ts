import { createOrtStrict } from "../../executor/engines/ort_strict_ort.ts";
import { createLocalExecutor } from "../../executor/local_executor.ts";
import { createRepopsEngine } from "../../executor/repops/mod.ts";
import { testExecutor } from "./executor_suite.ts";

testExecutor("in the same thread", async () => createLocalExecutor(await createOrtStrict()));

testExecutor(
  "with hardly any memory",
  async () => createLocalExecutor(await createOrtStrict(), { memory: { stateBytes: 100, traces: 1 } }),
);

testExecutor("on the engine repops", async () => createLocalExecutor(await createRepopsEngine()));
