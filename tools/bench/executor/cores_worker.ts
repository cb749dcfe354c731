/**
 * The program of a worker: it takes a {@link Loop} and answers with thousand million operations a second.
 *
 * @module
 */
import { startMachine } from "../../../executor/repops/wasm/mod.ts";

/** What to run, and for how long. */
export interface Loop {
  readonly module: WebAssembly.Module;
  readonly milliseconds: number;
}

/** One tile: 6 rows by 8 columns, 256 terms each, 14 KiB of factors. */
const ROWS = 6, COLUMNS = 8, TERMS = 256, WORD = 4;

/** Calls between two looks at the clock. */
const CALLS = 1000;

self.addEventListener("message", ({ data: { module, milliseconds } }: MessageEvent<Loop>) => {
  const machine = startMachine(module), multiply = machine.kernel("panels_sum_high");
  const [a, b] = [ROWS, COLUMNS].map((lanes) => machine.allocate(lanes * TERMS * WORD));
  const c = machine.allocate(ROWS * COLUMNS * WORD), start = performance.now();
  let calls = 0, passed = 0;
  do {
    for (let i = 0; i < CALLS; i++) multiply(a ?? 0, ROWS, b ?? 0, 1, TERMS, c, COLUMNS * WORD, 1);
    calls += CALLS;
    passed = performance.now() - start;
  } while (passed < milliseconds);
  self.postMessage(2 * ROWS * COLUMNS * TERMS * calls / passed / 1e6);
});
