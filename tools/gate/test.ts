/**
 * `deno task test [FILES...]`: runs the tests with the permissions they need and no more, and ends with one line,
 * `N passed, N failed`.
 *
 * @module
 */

/** Tests spawn nodes and executors (run), use loopback WebRTC (net, ffi, sys), stores in temporary folders (read, write), and GPUs. */
const PERMISSIONS = [
  "--allow-read",
  "--allow-write",
  "--allow-run",
  "--allow-env",
  "--allow-sys",
  "--allow-ffi",
  "--allow-net=127.0.0.1,0.0.0.0,localhost",
];

/** Counts of a JUnit report, over all its suites. */
function countsOf(report: string): { readonly passed: number; readonly failed: number } {
  const sum = (attribute: string) =>
    [...report.matchAll(new RegExp(`<testsuite [^>]*\\b${attribute}="(\\d+)"`, "g"))]
      .reduce((total, match) => total + Number(match[1]), 0);
  const failed = sum("failures") + sum("errors");
  return { passed: sum("tests") - failed - sum("disabled") - sum("skipped"), failed };
}

const selected = Deno.args.length > 0 ? Deno.args : ["tests"];
const report = await Deno.makeTempFile({ suffix: ".xml" });
try {
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "--quiet", ...PERMISSIONS, `--junit-path=${report}`, ...selected],
    stdout: "inherit",
    stderr: "inherit",
  }).output();
  const { passed, failed } = countsOf(await Deno.readTextFile(report));
  console.log(`\n${passed} passed, ${failed} failed`);
  // A module that fails to load is an error without a failed test: the exit status still says so.
  Deno.exitCode = code !== 0 || passed === 0 ? 1 : 0;
} finally {
  await Deno.remove(report);
}
