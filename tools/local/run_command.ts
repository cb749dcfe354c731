/**
 * `assay run`: a model, run on files, without a network.
 *
 * @module
 */
import { parseModel, runModel, type Tensor, type Tensors } from "../../executor/mod.ts";
import type { Command } from "../cli/command.ts";
import { ToolError } from "../errors.ts";
import { ENGINE_OPTIONS, engineChoice } from "./engine_options.ts";
import { checkTensorFile, naming, readBytes, writeTensors } from "./files.ts";
import { listInputs, readInputs } from "./model_inputs.ts";
import { describeEngine, openEngine } from "./open_engine.ts";

/** Elements of an output that are shown where it is not written to a file. */
const SHOWN = 8;

/** See the module. */
export const runCommand: Command = {
  name: "run",
  summary: "Runs an ONNX model on this machine.",
  positional: ["MODEL"],
  options: {
    input: {
      kind: "list",
      value: "[NAME=]FILE",
      description: ".npy, .safetensors, or a tensor: FILE.safetensors:TENSOR",
    },
    out: { kind: "text", value: "FILE", description: ".npy or .safetensors; without it results are shown" },
    output: { kind: "list", value: "NAME", description: "outputs that are wanted (default all)" },
    ...ENGINE_OPTIONS,
  },
  async run(args) {
    const [path = ""] = args.positional, out = args.text("out");
    if (out !== undefined) checkTensorFile(out);
    const bytes = await readBytes(path);
    const model = naming(path, () => parseModel(bytes));
    const inputs = await readInputs(model, args.list("input"));
    const missing = model.inputs.find(({ name }) => !Object.hasOwn(inputs, name));
    if (missing !== undefined) {
      throw new ToolError(
        "usage",
        `The input "${missing.name}" is missing: give --input. ${listInputs(model)}`,
      );
    }
    const wanted = chooseOutputs(model.outputs.map(({ name }) => name), args.list("output"));
    const engine = await openEngine(engineChoice(args));
    try {
      const began = performance.now();
      const all = await runModel(engine, {
        ...model,
        outputs: model.outputs.filter(({ name }) => wanted.includes(name)),
      }, inputs);
      const took = ((performance.now() - began) / 1000).toFixed(2);
      if (out !== undefined) await writeTensors(out, all);
      for (const line of showOutputs(all, out === undefined)) console.log(line);
      console.log(
        out === undefined
          ? `${describeEngine(engine)}, ${took} s`
          : `${out} written (${describeEngine(engine)}, ${took} s)`,
      );
      return 0;
    } finally {
      await engine.close();
    }
  },
};

function chooseOutputs(known: readonly string[], wanted: readonly string[]): readonly string[] {
  const unknown = wanted.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new ToolError("usage", `The model has no output "${unknown}": it has ${known.join(", ")}.`);
  }
  return wanted.length === 0 ? known : wanted;
}

function showOutputs(outputs: Tensors, withElements: boolean): readonly string[] {
  return Object.entries(outputs).map(([name, tensor]) =>
    `${name}: ${tensor.dtype} [${tensor.shape.join(", ")}]${withElements ? ` ${showElements(tensor)}` : ""}`
  );
}

function showElements({ data }: Tensor): string {
  const first = Array.from({ length: Math.min(SHOWN, data.length) }, (_, i) => {
    const element = data[i] ?? 0;
    return typeof element === "bigint" || Number.isInteger(element)
      ? String(element)
      : element.toPrecision(6);
  });
  return `${first.join(" ")}${data.length > SHOWN ? " ..." : ""}`;
}
