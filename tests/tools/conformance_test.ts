/** The conformance runner: what counts as passed, failed and refused, and that no test can end the run. */
import onnxProto from "onnx-proto";
import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { assertMatch } from "@std/assert/match.js";
import { buildModel, GraphBuilder, type Tensor, tensorBytes } from "../../executor/mod.ts";
import { childCommand } from "../../tools/conformance/conformance_command.ts";
import {
  compareTensors,
  createChildRunner,
  DEFAULT_TOLERANCE,
  findTests,
  makeReport,
  runTests,
  tellReport,
} from "../../tools/conformance/mod.ts";

/** Where Debian's libonnx-testdata keeps ONNX's backend tests. */
const INSTALLED = "/usr/share/libonnx-testdata/data";

/** ONNX's numbers of the element types used here. */
const ONNX_FLOAT = 1, ONNX_INT64 = 7;

function floats(...values: number[]): Tensor {
  return { dtype: "float32", shape: [values.length], data: Float32Array.from(values) };
}

const NEVER = new AbortController().signal;

async function writeTensor(path: string, tensor: Tensor): Promise<void> {
  const dataType = tensor.dtype === "float32" ? ONNX_FLOAT : ONNX_INT64;
  const message = { dataType, dims: [...tensor.shape], rawData: tensorBytes(tensor) };
  await Deno.writeFile(path, onnxProto.onnx.TensorProto.encode(message).finish());
}

/** A test on disk: y = 2 x by some operator, with what is expected of it. */
async function writeTest(folder: string, model: Uint8Array, x: Tensor, expected: Tensor): Promise<void> {
  await Deno.mkdir(`${folder}/test_data_set_0`, { recursive: true });
  await Deno.writeFile(`${folder}/model.onnx`, model);
  await writeTensor(`${folder}/test_data_set_0/input_0.pb`, x);
  await writeTensor(`${folder}/test_data_set_0/output_0.pb`, expected);
}

function doubling(operator = "Mul"): Uint8Array {
  const builder = new GraphBuilder({ name: "doubling" });
  const x = builder.input("x", "float32", [2]);
  const two = builder.constant({ dtype: "float32", shape: [], data: Float32Array.of(2) });
  builder.output(builder.add("Mul", [x, two], {}, "y"));
  const graph = builder.finish();
  return buildModel({ ...graph, nodes: graph.nodes.map((node) => ({ ...node, operator })) });
}

Deno.test("floats may differ by the tolerance of ONNX's runner, everything else must be equal", () => {
  const compare = (expected: Tensor, computed: Tensor | undefined) =>
    compareTensors(expected, computed, DEFAULT_TOLERANCE)?.reason;
  assertEquals(compare(floats(1, NaN, Infinity), floats(1.0009, NaN, Infinity)), undefined);
  assertMatch(compare(floats(1, 2), floats(1, 2.01)) ?? "", /1 of 2 elements differ, first \[1\]/);
  // Near zero only the absolute bound of 1e-7 is left.
  assertEquals(compare(floats(0), floats(1e-7)), undefined);
  assertMatch(compare(floats(0), floats(2e-7)) ?? "", /differ/);
  assertMatch(
    compare(floats(1), { ...floats(1), shape: [1, 1] }) ?? "",
    /expected float32 \[1\], got float32 \[1,1\]/,
  );
  assertMatch(compare(floats(1), undefined) ?? "", /not computed/);
  const longs = (...values: bigint[]): Tensor => ({
    dtype: "int64",
    shape: [values.length],
    data: BigInt64Array.from(values),
  });
  assertEquals(compare(longs(1_000_000n), longs(1_000_000n)), undefined);
  assertMatch(compare(longs(1_000_000n), longs(1_000_001n)) ?? "", /differ/);
  const half = (bits: number): Tensor => ({ dtype: "float16", shape: [1], data: Uint16Array.of(bits) });
  assertEquals(compare(half(0x3c00), half(0x3c01)), undefined); // 1 and 1 + 2^-10
  assertMatch(compare(half(0x3c00), half(0x3c02)) ?? "", /expected 1, got 1\.001953125/);
});

Deno.test("a NaN that an engine cannot have is told from a wrong number", () => {
  const only = (expected: Tensor, computed: Tensor) =>
    compareTensors(expected, computed, DEFAULT_TOLERANCE)?.onlyNonFinite;
  assertEquals(only(floats(1, NaN), floats(1, 0)), true);
  assertEquals(only(floats(1, NaN), floats(2, 0)), false);
});

Deno.test("right, wrong and refused results are told apart, and a broken file ends nothing", async () => {
  const root = await Deno.makeTempDir();
  const runner = createChildRunner({ ...childCommand("repops-highest"), testMs: 60_000 });
  try {
    const x = floats(1, 2);
    await writeTest(`${root}/node/test_right`, doubling(), x, floats(2, 4));
    await writeTest(`${root}/node/test_wrong`, doubling(), x, floats(2, 5));
    await writeTest(`${root}/node/test_unknown`, doubling("Det"), x, floats(2, 4));
    await writeTest(`${root}/node/test_broken`, Uint8Array.of(255, 255), x, floats(2, 4));
    await writeTest(`${root}/other/test_shape`, doubling(), floats(1, 2, 3), floats(2, 4, 6));
    const tests = await findTests(root);
    assertEquals(
      tests.map(({ test }) => test),
      ["node/test_broken", "node/test_right", "node/test_unknown", "node/test_wrong", "other/test_shape"],
    );
    assertEquals((await findTests(root, "wrong")).length, 1);
    assertEquals((await findTests(`${root}/node/test_right`)).map(({ test }) => test), ["test_right"]);
    const report = makeReport("repops-highest", await runTests(runner, tests, NEVER));
    assertEquals([report.total, report.passed], [5, 1]);
    assertEquals(report.failed.map(({ test, operator }) => [test, operator]), [["node/test_wrong", "Mul"]]);
    assertEquals(
      report.refused.map(({ test, operator }) => [test, operator]),
      [["node/test_broken", "(model)"], ["node/test_unknown", "Det"], ["other/test_shape", "Mul"]],
    );
    assertMatch(report.refused[1]?.reason ?? "", /Det/);
    assertEquals(report.byOperator["Mul"], { total: 3, passed: 1, failed: 1, refused: 1 });
    assertEquals(report.listed, { total: 3, passed: 1, failed: 1, refused: 1 });
    assertMatch(tellReport(report).join("\n"), /5 tests, 1 passed \(20 %\), 1 failed, 3 refused/);
  } finally {
    await runner.close();
    await Deno.remove(root, { recursive: true });
  }
});

/** A child that hangs on one test, dies of another, and passes all others. */
const MOODY = `
const say = (message) => Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(message) + "\\n"));
say({ kind: "ready" });
for await (const chunk of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
  if (chunk.includes("hang")) for (;;);
  if (chunk.includes("crash")) { console.error("out of luck"); Deno.exit(3); }
  say({ kind: "outcome", outcome: { kind: "passed", operators: ["Add"] } });
}`;

Deno.test("a test that hangs or kills its process fails, and the next one runs", async () => {
  const script = await Deno.makeTempFile({ suffix: ".js" });
  await Deno.writeTextFile(script, MOODY);
  const runner = createChildRunner({
    command: Deno.execPath(),
    args: ["run", "--quiet", script],
    testMs: 1500,
  });
  try {
    const tests = ["one", "hang", "two", "crash", "three"].map((test) => ({ test, path: test }));
    const outcomes = await runTests(runner, tests, NEVER);
    assertEquals(outcomes.map(({ outcome }) => outcome.kind), [
      "passed",
      "failed",
      "passed",
      "failed",
      "passed",
    ]);
    const reasons = outcomes.map(({ outcome }) => outcome.kind === "passed" ? "" : outcome.reason);
    assertMatch(reasons[1] ?? "", /not done after 1\.5 s/);
    assertMatch(reasons[3] ?? "", /out of luck/);
  } finally {
    await runner.close();
    await Deno.remove(script);
  }
});

async function isInstalled(): Promise<boolean> {
  try {
    return (await Deno.stat(INSTALLED)).isDirectory;
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return false;
    throw thrown;
  }
}

const installed = await isInstalled();
if (!installed) {
  console.log(
    `Skipped: ONNX's own backend tests are not in ${INSTALLED}; install libonnx-testdata to run them.`,
  );
}

Deno.test({
  name: "repops passes at least 90 % of ONNX's tests of its operators, and refuses the others by name",
  ignore: !installed,
  async fn() {
    const runner = createChildRunner({ ...childCommand("repops-highest"), testMs: 60_000 });
    try {
      const report = makeReport("repops-highest", await runTests(runner, await findTests(INSTALLED), NEVER));
      assertEquals(report.failed, []);
      assert(report.listed.passed >= 0.9 * report.listed.total, JSON.stringify(report.listed));
      const nameless = report.refused.filter(({ operator, reason }) =>
        operator === "(model)" || reason === ""
      );
      assertEquals(nameless, []);
    } finally {
      await runner.close();
    }
  },
});
