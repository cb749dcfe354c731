import { assertEquals } from "@std/assert/equals.js";
import { brokenPromises, type DemoReport } from "../../tools/demo/report.ts";

const kept: Omit<DemoReport, "ok" | "broken" | "seconds"> = {
  tasks: [
    { id: "01", kind: "train", status: "done", metric: "accuracy", value: 0.97, provider: "provider-2" },
    { id: "02", kind: "infer", status: "done", metric: null, value: null, provider: "provider-3" },
  ],
  disputes: [{
    guilty: "provider-1",
    rounds: 5,
    step: 7,
    node: "Gemm",
    chunk: 0,
    element: null,
    block: null,
    slashed: "100",
  }],
  supply: { genesis: "1000", issued: "10", burned: "60", now: "950", locked: "0" },
  accounts: [
    { name: "provider-1", role: "provider", before: "400", after: "300" },
    { name: "provider-2", role: "provider", before: "300", after: "340" },
    { name: "provider-3", role: "provider", before: "300", after: "310" },
  ],
};

const promises = { cheater: "provider-1", threshold: 0.9 };

Deno.test("a demo that kept every promise has nothing to report", () => {
  assertEquals(brokenPromises(kept, promises), []);
});

Deno.test("each broken promise is named, and only it", () => {
  const [training, inference] = kept.tasks, [dispute] = kept.disputes, [first, second, third] = kept.accounts;
  if (!training || !inference || !dispute || !first || !second || !third) {
    throw new Error("the example is incomplete");
  }
  const cases: readonly [Partial<DemoReport>, readonly string[]][] = [
    [{ tasks: [training, { ...inference, status: "failed" }] }, ["Not both tasks were done."]],
    [{ tasks: [{ ...training, value: 0.89 }, inference] }, ["The model did not reach 0.9."]],
    [{ disputes: [{ ...dispute, slashed: "0" }] }, ["The cheater was not slashed."]],
    [{ disputes: [{ ...dispute, node: null }] }, ["No operator was pinned."]],
    [{ disputes: [dispute, { ...dispute, guilty: "challenger-1" }] }, ["Somebody honest was found guilty."]],
    [{ supply: { ...kept.supply, now: "951" } }, [
      "The supply is not conserved.",
      "The accounts do not add up to the supply.",
    ]],
    [
      { accounts: [first, { ...second, after: "300" }, { ...third, after: "350" }] },
      ["A provider whose work was accepted was not paid."],
    ],
  ];
  for (const [change, sentences] of cases) {
    assertEquals(brokenPromises({ ...kept, ...change }, promises), sentences);
  }
});
