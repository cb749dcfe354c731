/** Courses of steps: whether the state stays in the engine or not, and whoever else runs steps at the same time, a run has the same roots. */
import { assertEquals } from "@std/assert/equals.js";
import type { Engine, Session } from "../../../executor/engine.ts";
import { blobSource, openProgram } from "../../../executor/program/mod.ts";
import { createRepopsEngine } from "../../../executor/repops/mod.ts";
import {
  createProgramRunner,
  programInputs,
  type ProgramRunner,
  runProgram,
} from "../../../executor/run/mod.ts";
import { rootOfTensor } from "../../../executor/tensor.ts";
import { bytesToHex } from "../../../ledger/primitives/mod.ts";
import { regression } from "./sample_programs.ts";

/** What the sessions of an engine are asked to do. */
interface Watch {
  /** Names of the inputs given to each step that had any state to keep. */
  readonly given: (readonly string[])[];
  opened: number;
  closed: number;
}

/** The engine, watched; `steps`: whether it keeps a state. */
function watched(engine: Engine, steps: boolean): { readonly engine: Engine; readonly watch: Watch } {
  const watch: Watch = { given: [], opened: 0, closed: 0 };
  return {
    watch,
    engine: {
      ...engine,
      load: async (graph, carry): Promise<Session> => {
        const session = await (steps ? engine.load(graph, carry) : engine.load(graph)), { step } = session;
        watch.opened++;
        return {
          ...session,
          ...(step && {
            step: (order) => {
              watch.given.push(Object.keys(order.inputs));
              return step(order);
            },
          }),
          close: () => {
            watch.closed++;
            return session.close();
          },
        };
      },
    },
  };
}

async function withRunner<T>(
  steps: boolean,
  use: (runner: ProgramRunner, watch: Watch) => Promise<T>,
): Promise<T> {
  const repops = await createRepopsEngine(), { engine, watch } = watched(repops, steps);
  const built = regression(engine),
    blobs = blobSource(built.blobs),
    opened = openProgram(built.manifest, blobs);
  const runner = createProgramRunner(engine, opened, programInputs(opened, blobs));
  try {
    return await use(runner, watch);
  } finally {
    await runner.close();
    await repops.close();
    assertEquals(watch.opened, watch.closed);
  }
}

async function rootsOf(runner: ProgramRunner): Promise<readonly string[]> {
  const roots: string[] = [];
  for await (const { root } of runProgram(runner)) roots.push(bytesToHex(root));
  return roots;
}

const throughHost = await withRunner(false, rootsOf);

Deno.test("a run whose state stays in the engine has the roots of one whose state goes through the host", async () => {
  await withRunner(true, async (runner, watch) => {
    assertEquals(await rootsOf(runner), throughHost);
    // Weights go in once for training and once for inference; afterwards what goes in is the batch.
    assertEquals(watch.given.filter((names) => names.includes("state.w")).length, 2);
    assertEquals(watch.given.length, 14);
    assertEquals(watch.opened, 2);
  });
});

Deno.test("runs at the same time do not see each other's state", async () => {
  await withRunner(true, async (runner, watch) => {
    const place = { segment: 1, step: 6 };
    const [a, b, states] = await Promise.all([
      rootsOf(runner),
      rootsOf(runner),
      runner.runSegment(0, runner.initialState).then(({ state }) => runner.stateBefore(place, state)),
    ]);
    assertEquals([a, b], [throughHost, throughHost]);
    const alone = await withRunner(false, async (other) => {
      const { state } = await other.runSegment(0, other.initialState);
      return await other.stateBefore(place, state);
    });
    assertEquals(states.map(rootOfTensor), alone.map(rootOfTensor));
    assertEquals(watch.opened > 2, true);
  });
});

Deno.test("a run goes on right after one that was stopped in the middle of a segment", async () => {
  await withRunner(true, async (runner) => {
    const controller = new AbortController();
    const stopped = runner.runSegment(0, runner.initialState, {
      signal: controller.signal,
      onStep: ({ step }) => step === 2 && controller.abort(),
    });
    await stopped.catch(() => undefined);
    assertEquals(await rootsOf(runner), throughHost);
  });
});
