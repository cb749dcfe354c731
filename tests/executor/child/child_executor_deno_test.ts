import { childCommand } from "../../../executor/child/child_command_deno.ts";
import { createChildExecutor } from "../../../executor/child/child_executor_deno.ts";
import { testExecutor } from "../executor_suite.ts";

testExecutor("in a child process", () => Promise.resolve(createChildExecutor(childCommand("ort-strict"))));
