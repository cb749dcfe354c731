/**
 * `deno task test:tolerance [RUNS]`: honest devices against recomputation, 10,000 runs over operators and shapes, on this machine's WebGPU adapter
 * if it has one, and on a simulated device. Exit status 1 if any honest run is beyond its bound.
 *
 * @module
 */
import { createEngine } from "../../../executor/engines/create_engine_ort.ts";
import { isSimulated, runHonest } from "./noise_runs.ts";
import { NOISE_CASES } from "./tolerance_cases.ts";

const total = Number(Deno.args[0] ?? 10_000);
const arbiter = await createEngine("ort-strict");
const adapter = await globalThis.navigator?.gpu?.requestAdapter() ?? null;
const gpu = adapter ? await createEngine("ort") : undefined;
const simulated = NOISE_CASES.filter(isSimulated);
const perCase = Math.ceil(total / (simulated.length + (gpu ? NOISE_CASES.length : 0)));
const slashed: string[] = [];
let runs = 0;
for (const [device, cases] of [[gpu, gpu ? NOISE_CASES : []], [undefined, simulated]] as const) {
  for (const [i, each] of cases.entries()) {
    const report = await runHonest(each, device, arbiter, perCase, 1000 * i);
    runs += report.runs;
    slashed.push(...report.slashed);
    const title = `${device ? "WebGPU" : "simulated"} ${each.operator} ${JSON.stringify(each.shapes)}`;
    console.log(
      `${title}: ${report.runs} runs, closest to the bound ${
        report.closest.toPrecision(2)
      }, beyond it ${report.slashed.length}`,
    );
  }
}
await gpu?.close();
await arbiter.close();
slashed.slice(0, 20).forEach((line) => console.log(line));
console.log(`${runs} honest runs, ${slashed.length} beyond their bound`);
Deno.exit(slashed.length === 0 && runs >= total ? 0 : 1);
