/**
 * The child's program: an executor over one engine, served on standard input and output.
 *
 *     deno run --no-prompt --allow-read=<folder of the engine's WebAssembly> executor/child/main_deno.ts ort-strict
 *
 * It needs no other permission. It ends when its input ends, so it never outlives the process that started it.
 * `--backend=NAME` says what `repops` computes on, WebAssembly by default. `--threads=N` lets it share large products there between so
 * many threads, for which the folder of their program has to be readable. `--fault=PHASE,STEP,TENSOR` makes it lie about that tensor
 * after that step: for demonstrations of cheats being caught.
 *
 * @module
 */
import { createEngine } from "../engines/create_engine_ort.ts";
import { ExecutorError } from "../errors.ts";
import { createLocalExecutor } from "../local_executor.ts";
import { claimOfFault, type Fault } from "../run/mod.ts";
import { HEARTBEAT_MS } from "./protocol.ts";
import { serveExecutor } from "./serve_executor.ts";

const FAULT_FLAG = "--fault=", BACKEND_FLAG = "--backend=", THREADS_FLAG = "--threads=";

/** What an engine can compute on. */
const BACKENDS = ["wasm", "webgpu", "auto"] as const;

/**
 * Serves the engine of the given name. What a compiled binary calls when it is started as its own child.
 *
 * @param args The engine's name, then flags.
 */
export async function serveOnStandardStreams(args: readonly string[]): Promise<void> {
  // Standard output carries frames: whatever a library prints belongs on the other stream.
  console.log = console.info = console.debug = console.error;
  const [name = "", ...flags] = args;
  await serveExecutor({
    readable: Deno.stdin.readable,
    writable: Deno.stdout.writable,
    start: async () => {
      const valueOf = (flag: string) => flags.find((text) => text.startsWith(flag))?.slice(flag.length);
      const fault = valueOf(FAULT_FLAG), backend = parseBackend(valueOf(BACKEND_FLAG) ?? "wasm");
      const threads = Number(valueOf(THREADS_FLAG) ?? 1);
      const claim = fault === undefined ? {} : { claim: claimOfFault(parseFault(fault)) };
      return createLocalExecutor(await createEngine(name, { backend, threads }), claim);
    },
    everyHeartbeat: (beat) => {
      const timer = setInterval(() => beat(Deno.memoryUsage().rss), HEARTBEAT_MS);
      return () => clearInterval(timer);
    },
  });
}

function parseBackend(text: string): (typeof BACKENDS)[number] {
  const backend = BACKENDS.find((name) => name === text);
  if (backend !== undefined) return backend;
  throw new ExecutorError("bad_request", `A backend is one of ${BACKENDS.join(", ")}: got "${text}".`);
}

function parseFault(text: string): Fault {
  const [phase, step, tensor] = text.split(",").map(Number);
  if (
    phase === undefined || step === undefined || tensor === undefined ||
    ![phase, step, tensor].every(Number.isInteger)
  ) {
    throw new ExecutorError("bad_request", `A fault is PHASE,STEP,TENSOR: got "${text}".`);
  }
  return { phase, step, tensor };
}

if (import.meta.main) {
  await serveOnStandardStreams(Deno.args);
  Deno.exit(0); // an engine that broke may leave work behind that would keep the process
}
