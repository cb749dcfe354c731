/**
 * `deno task conformance DIR`: runs ONNX backend test folders on an engine.
 *
 * @module
 */
import { engineNameOf } from "../local/open_engine.ts";
import { ToolError } from "../errors.ts";
import type { Command } from "../cli/command.ts";
import { progressBar } from "../terminal/progress_bar.ts";
import { createChildRunner } from "./child_runner.ts";
import { findTests } from "./find_tests.ts";
import { makeReport, tellReport } from "./report.ts";
import { runTests } from "./run_tests.ts";

/** Seconds that one test may take unless `--deadline` says otherwise: the largest of ONNX's own takes under two. */
const DEADLINE_S = 60;

/** The command. */
export const conformanceCommand: Command = {
  name: "conformance",
  summary: "Runs ONNX backend test folders on an engine.",
  positional: ["DIR"],
  options: {
    engine: { kind: "text", value: "NAME", description: "repops (default), ort-strict, ort" },
    precision: { kind: "text", value: "NAME", description: "of repops: highest (default), high" },
    backend: { kind: "text", value: "NAME", description: "auto (default), wasm, webgpu" },
    filter: { kind: "text", value: "TEXT", description: "only tests whose name contains it" },
    deadline: { kind: "text", value: "SECONDS", description: `for one test (default ${DEADLINE_S})` },
    json: { kind: "flag", description: "one JSON object instead of text" },
  },
  async run(args, signal) {
    const [folder = ""] = args.positional;
    const tests = await findTests(folder, args.text("filter"));
    if (tests.length === 0) {
      throw new ToolError(
        "not_found",
        `There is no test in ${folder}: a test is a folder with a model.onnx.`,
      );
    }
    const backend = args.text("backend");
    const engine = engineNameOf({
      engine: args.text("engine"),
      backend,
      precision: args.text("precision") ?? defaultPrecision(args.text("engine")),
    });
    const runner = createChildRunner({
      ...childCommand(engine, backend),
      testMs: testMs(args.text("deadline")),
    });
    try {
      const outcomes = await runTests(runner, tests, signal, terminalProgress());
      clearLine();
      const report = makeReport(engine, outcomes);
      console.log(args.flag("json") ? JSON.stringify(report, null, 1) : tellReport(report).join("\n"));
      return report.failed.length === 0 ? 0 : 1;
    } finally {
      await runner.close();
    }
  },
};

/** ONNX's tolerances are for 24-bit factors; `high` rounds them to 12, and fails where terms cancel. */
function defaultPrecision(engine: string | undefined): string | undefined {
  return engine === undefined || engine === "repops" ? "highest" : undefined;
}

function testMs(given: string | undefined): number {
  const seconds = Number(given ?? DEADLINE_S);
  if (seconds > 0 && seconds <= 3600) return seconds * 1000;
  throw new ToolError("usage", `--deadline is a number of seconds up to 3600: got "${given}".`);
}

/** Starts `child_main.ts` with this Deno. */
export function childCommand(
  engine: string,
  backend = "",
): { readonly command: string; readonly args: string[] } {
  const main = decodeURIComponent(new URL("child_main.ts", import.meta.url).pathname);
  return {
    command: Deno.execPath(),
    args: ["run", "--quiet", "--no-prompt", "--allow-read", main, engine, backend],
  };
}

function terminalProgress(): (done: number, total: number, test: string) => void {
  if (!Deno.stderr.isTerminal()) return () => undefined;
  return (done, total, test) => {
    const line = `${progressBar(done / total)} ${done}/${total} ${test}`;
    Deno.stderr.writeSync(new TextEncoder().encode(`\r\x1b[K${line.slice(0, 100)}`));
  };
}

function clearLine(): void {
  if (Deno.stderr.isTerminal()) Deno.stderr.writeSync(new TextEncoder().encode("\r\x1b[K"));
}
