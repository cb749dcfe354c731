/**
 * An engine of ours at a workload, in a process of its own. Arguments: ENGINE WORKLOAD.
 *
 * @module
 */
import { createEngine } from "../../../executor/engines/create_engine_ort.ts";
import { serveContender } from "../serve_contender.ts";
import { figureOf } from "./figure.ts";
import { workloadNamed } from "./workloads.ts";

if (import.meta.main) {
  await serveContender(async ([engineName = "", name = ""]) => {
    const workload = workloadNamed(name), engine = await createEngine(engineName);
    const session = await engine.load(workload.graph);
    let inputs = workload.inputs;
    return {
      sample: () =>
        figureOf(workload, async () => {
          inputs = workload.next(inputs, await session.run(inputs));
        }),
      close: async () => {
        await session.close();
        await engine.close();
      },
    };
  });
}
