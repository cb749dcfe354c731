import { childCommand } from "../../../executor/child/child_command_deno.ts";
import { createChildExecutor } from "../../../executor/child/child_executor_deno.ts";
import { assertEquals } from "@std/assert/equals.js";
import { codeOf, loadSample, soon, testExecutor } from "../executor_suite.ts";

testExecutor("in a child process", () => Promise.resolve(createChildExecutor(childCommand("ort-strict"))));

Deno.test("a child that is told to lie about a step commits to the lie from its segment on", async () => {
  const roots = async (flags: readonly string[]): Promise<string[]> => {
    const executor = createChildExecutor(childCommand("ort-strict", flags));
    try {
      const { program } = await loadSample(executor);
      return (await executor.run({ program }, soon())).segmentRoots.map(String);
    } finally {
      await executor.close();
    }
  };
  const honest = await roots([]), lying = await roots(["--fault=0,5,0"]);
  assertEquals(honest.map((root, i) => root === lying[i]), [true, false, false, false, false]);
  const unreadable = createChildExecutor(childCommand("ort-strict", ["--fault=0,x"]));
  assertEquals(await codeOf(() => unreadable.engine(soon())), "bad_request");
  await unreadable.close();
});
