/**
 * An engine of ours at a workload, in a process of its own. Arguments: ENGINE WORKLOAD, or ENGINE WORKLOAD THREADS: then the time is
 * that on the clock.
 *
 * @module
 */
import { createEngine } from "../../../executor/engines/create_engine_ort.ts";
import { clockSeconds, processorSeconds } from "../repeat.ts";
import { serveContender } from "../serve_contender.ts";
import { figureOf } from "./figure.ts";
import { runsOf } from "./run_workload.ts";
import { workloadNamed } from "./workloads.ts";

if (import.meta.main) {
  await serveContender(async ([engineName = "", name = "", threads]) => {
    const workload = workloadNamed(name);
    const engine = await createEngine(engineName, { threads: Number(threads ?? 1) });
    const clock = threads === undefined ? processorSeconds : clockSeconds;
    const session = await engine.load(workload.graph, workload.carry), run = runsOf(session, workload);
    return {
      sample: () => figureOf(workload, run, clock),
      close: async () => {
        await session.close();
        await engine.close();
      },
    };
  });
}
