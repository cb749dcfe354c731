/**
 * The binary is complete: what was embedded in it runs without a network and without anything else on the machine. The base binary of
 * the platform is left out (a stand-in takes its place), its embedded files are read back and run by the present Deno with an empty cache.
 */
import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { assertStringIncludes } from "@std/assert/string_includes.js";
import { extractCompiledFiles } from "./compiled_files.ts";

const ROOT = new URL("../..", import.meta.url).pathname;

/** Where the embedded npm packages lie in the extracted tree. */
const EMBEDDED_PACKAGES = ".deno_compile_node_modules/localhost";

/** What a node says once its chain, its store and network work, and its executor's engine has answered. */
const PROMISED = ["block 1 is final", "offers its machine"];

/** Loading everything on a busy machine, then a block. */
const NODE_MS = 120_000;

async function run(command: string, args: readonly string[], env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await new Deno.Command(command, { args: [...args], env, cwd: ROOT })
    .output();
  return { code, output: new TextDecoder().decode(stdout), errors: new TextDecoder().decode(stderr) };
}

/** Whether this machine lets us make a network namespace, in which nothing outside can be reached. */
async function namespaces(): Promise<boolean> {
  return await run("unshare", ["-n", "true"]).then(({ code }) => code === 0, () => false);
}

/** An import map of the packages that the binary holds: the others are for tests and benchmarks. */
async function embeddedConfig(packages: string): Promise<string> {
  const config = JSON.parse(await Deno.readTextFile(`${ROOT}/deno.json`));
  const entries = Object.entries<string>(config.imports);
  const embedded = await Promise.all(entries.map(async ([, target]) => {
    const name = /^npm:\/?((?:@[^/]+\/)?[^@/]+)@/.exec(target)?.[1];
    return name !== undefined && await Deno.stat(`${packages}/${name}`).then(() => true, () => false);
  }));
  return JSON.stringify({ ...config, imports: Object.fromEntries(entries.filter((_, i) => embedded[i])) });
}

/** Puts the extracted packages where Deno keeps what it has downloaded, and gives the cache's folder. */
async function layOut(tree: string, cache: string): Promise<void> {
  const registry = /\/npm\/([^/]+)\/onnxruntime-web\//.exec(import.meta.resolve("onnxruntime-web/wasm"))?.[1];
  assert(registry !== undefined);
  await Deno.mkdir(`${cache}/npm`, { recursive: true });
  await Deno.rename(`${tree}/${EMBEDDED_PACKAGES}`, `${cache}/npm/${registry}`);
  await Deno.writeTextFile(`${tree}/deno.json`, await embeddedConfig(`${cache}/npm/${registry}`));
  for (const name of ["deno.lock", "package.json"]) await Deno.copyFile(`${ROOT}/${name}`, `${tree}/${name}`);
}

Deno.test("the compiled binary carries everything that a node needs, offline", async () => {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "assay-compile-test-" }));
  try {
    const binary = `${folder}/assay`,
      tree = `${folder}/tree`,
      cache = `${folder}/cache`,
      home = `${folder}/home`;
    const compiled = await run(Deno.execPath(), ["run", "-A", "tools/gate/compile.ts", binary], {
      DENORT_BIN: "/bin/true",
    });
    assertEquals(compiled.code, 0, compiled.errors);
    await extractCompiledFiles(binary, tree);
    await layOut(tree, cache);

    const offline = await namespaces();
    const assay = [
      "run",
      "--quiet",
      "--cached-only",
      "--no-check",
      "-A",
      "--config",
      `${tree}/deno.json`,
      `${tree}/tools/main.ts`,
    ];
    const start = (...args: readonly string[]) =>
      new Deno.Command(offline ? "unshare" : Deno.execPath(), {
        args: offline
          ? ["-n", "sh", "-c", 'ip link set lo up; exec "$@"', "sh", Deno.execPath(), ...assay, ...args]
          : [...assay, ...args],
        cwd: folder,
        env: { DENO_DIR: cache },
        stdout: "piped",
        stderr: "piped",
      });
    const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

    assertStringIncludes(decode((await start("--help").output()).stdout), "assay");
    assertEquals((await start("key", "new", "--home", home).output()).code, 0);
    const genesis = `${folder}/genesis.json`;
    const made = await start("genesis", "new", "--validator", home, "--provider", home, "--out", genesis)
      .output();
    assertEquals(made.code, 0, decode(made.stderr));

    // A validator that also offers work: its worker modules, SQLite, the native network and its executor's engine are all needed.
    const node = start(
      "node",
      "--home",
      home,
      "--role",
      "validator,provider,challenger,arbiter,market",
      "--genesis",
      genesis,
    )
      .spawn();
    const deadline = setTimeout(() => node.kill("SIGKILL"), NODE_MS);
    const reader = node.stdout.pipeThrough(new TextDecoderStream()).getReader();
    let told = "";
    while (!PROMISED.every((words) => told.includes(words))) {
      const { value, done } = await reader.read();
      assert(!done, `The node ended before it said ${PROMISED}:\n${told}`);
      told += value;
    }
    node.kill("SIGINT");
    while (!(await reader.read()).done);
    const { code } = await node.status;
    clearTimeout(deadline);
    await node.stderr.cancel();
    assertEquals(code, 130);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
