/**
 * The command line that starts the child with this Deno, from source.
 *
 * @module
 */

/** Program and arguments. */
export interface ChildCommand {
  readonly command: string;
  readonly args: readonly string[];
}

/**
 * Starts `main_deno.ts` with the least permissions: no network, no writing, no environment, no processes; reading only the folder
 * of the engine's WebAssembly, and that of the program of its threads.
 *
 * @param engine Name of the engine.
 * @param flags Further arguments, see `main_deno.ts`.
 */
export function childCommand(engine: string, flags: readonly string[] = []): ChildCommand {
  const engineFolder = decodeURIComponent(new URL(".", import.meta.resolve("onnxruntime-web/wasm")).pathname);
  const threadsFolder = decodeURIComponent(new URL("../repops/wasm/threads/", import.meta.url).pathname);
  const main = decodeURIComponent(new URL("main_deno.ts", import.meta.url).pathname);
  return {
    command: Deno.execPath(),
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      `--allow-read=${engineFolder},${threadsFolder}`,
      main,
      engine,
      ...flags,
    ],
  };
}
