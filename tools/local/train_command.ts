/**
 * `assay train JOB --local`: trains on this machine, without a network.
 *
 * @module
 */
import type { Command } from "../cli/command.ts";
import { readJob } from "../cli/read_job.ts";
import { ToolError } from "../errors.ts";
import { lossPlot } from "../terminal/loss_plot.ts";
import { terminalNarrator } from "../terminal/terminal_narrator.ts";
import { ENGINE_OPTIONS, engineChoice } from "./engine_options.ts";
import { describeEngine, openEngine } from "./open_engine.ts";
import { trainJob } from "./train_job.ts";

/** Exit status of a command that Ctrl-C ended, as shells have it. */
const INTERRUPTED = 130;

/** See the module. */
export const trainCommand: Command = {
  name: "train",
  summary: "Trains a job on this machine. Stopped and started again, it goes on from its last checkpoint.",
  positional: ["JOB"],
  options: {
    local: { kind: "flag", description: "without a network (to have others train it: assay task post JOB)" },
    out: {
      kind: "text",
      value: "DIR",
      description: "for checkpoints and results (default: the job's name and -trained)",
    },
    ...ENGINE_OPTIONS,
  },
  async run(args, signal) {
    const [path = ""] = args.positional;
    if (!args.flag("local")) {
      throw new ToolError(
        "usage",
        `Say --local to train here, or have others do it: assay task post ${path}`,
      );
    }
    const out = args.text("out") ?? `${path.replace(/\.(ya?ml|json)$/, "")}-trained`;
    const job = await readJob(path);
    const engine = await openEngine(engineChoice(args, job.job.engine));
    const narrator = terminalNarrator();
    try {
      const result = await trainJob({
        path,
        job,
        engine,
        out,
        signal,
        onStart: ({ steps, done }) => {
          narrator.say(
            `${steps} steps on ${describeEngine(engine)}${
              done === 0 ? "" : `, of which ${done} are done already`
            }.`,
          );
        },
        onStep: ({ phase, step, steps, loss }) => {
          // An evaluation reports the loss of the last training step, which is none of its own.
          const curve = phase === 0 && loss !== undefined ? `, loss ${loss.toFixed(3)}` : "";
          const detail = `step ${step + 1} of ${steps}${curve}`;
          narrator.progress(phase === 0 ? "training  " : "evaluating", (step + 1) / steps, detail);
        },
      });
      narrator.rest();
      for (const line of lossPlot(result.losses.filter(Number.isFinite))) narrator.show(line);
      const { accuracy } = result;
      if (accuracy !== undefined) {
        const percent = (100 * accuracy.right / accuracy.total).toFixed(1);
        narrator.say(`${accuracy.right} of ${accuracy.total} right on held-out data (${percent} %).`);
      }
      narrator.say(`${result.model} and ${result.weights} written.`);
      return 0;
    } catch (thrown) {
      // Where it goes on is worth telling; that it was interrupted, the person knows.
      if (!signal.aborted || !(thrown instanceof ToolError)) throw thrown;
      narrator.rest();
      narrator.say(thrown.message);
      return INTERRUPTED;
    } finally {
      narrator.rest();
      await engine.close();
    }
  },
};
