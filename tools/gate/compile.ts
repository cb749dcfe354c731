/**
 * `deno task compile [OUTPUT]`: one binary with everything in it, by default `build/assay`.
 *
 * Worker modules are named by URL, where no import shows them to the compiler, so they are included by hand. Of ONNX Runtime's builds
 * the binary carries the two that engines load.
 *
 * @module
 */

const root = new URL("../..", import.meta.url).pathname;

/** Worker modules of the actors, see `tools/node/start_node.ts`, and of the engine's threads. */
const INCLUDED = ["tools/node/workers", "executor/repops/wasm/threads/member_worker.ts"];

/** What a node does: files of its home, sockets, its own executor child, native WebRTC. */
const PERMISSIONS = [
  "--allow-read",
  "--allow-write",
  "--allow-net",
  "--allow-run",
  "--allow-env",
  "--allow-sys",
  "--allow-ffi",
];

/** Files of ONNX Runtime that some engine loads: each entry module and the WebAssembly beside it. */
async function neededRuntimeFiles(): Promise<ReadonlySet<string>> {
  const entries = ["onnxruntime-web/wasm", "onnxruntime-web/webgpu"].map((name) => import.meta.resolve(name));
  const needed = new Set(entries.map(fileName));
  for (const entry of entries) {
    const source = await Deno.readTextFile(new URL(entry));
    for (const [name] of source.matchAll(/ort-wasm-[\w.-]+\.(?:wasm|mjs)/g)) needed.add(name);
  }
  return needed;
}

function fileName(url: string): string {
  return url.slice(url.lastIndexOf("/") + 1);
}

/** Paths of ONNX Runtime's files that no engine loads: four fifths of the package. */
async function spareRuntimeFiles(): Promise<readonly string[]> {
  const folder = new URL(".", import.meta.resolve("onnxruntime-web/wasm")).pathname;
  const needed = await neededRuntimeFiles();
  const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  return names.filter((name) => !needed.has(name)).map((name) => `${folder}${name}`);
}

const output = Deno.args[0] ?? `${root}build/assay`;
const { success } = await new Deno.Command(Deno.execPath(), {
  args: [
    "compile",
    "--quiet",
    "--no-check",
    "--exclude-unused-npm",
    ...PERMISSIONS,
    ...INCLUDED.flatMap((path) => ["--include", path]),
    ...(await spareRuntimeFiles()).flatMap((path) => ["--exclude", path]),
    "--output",
    output,
    "tools/main.ts",
  ],
  cwd: root,
  stdout: "inherit",
  stderr: "inherit",
}).output();
if (!success) {
  console.error(
    `No binary was made. Deno downloads the base of one, denort ${Deno.version.deno}: where it cannot, set DENORT_BIN to the path of it.`,
  );
  Deno.exit(1);
}
console.log(`${output}: ${Math.round((await Deno.stat(output)).size / 2 ** 20)} MiB`);
