/** Training of the sample models by gradient descent: every trainable constant becomes state, batches are gathered from data. */
import { buildProgram, type BuiltProgram, type StepGraph } from "../../../executor/program/mod.ts";
import { appendGradients, crossEntropy } from "../../../executor/gradient/mod.ts";
import { GraphBuilder } from "../../../executor/onnx/mod.ts";
import type { Engine } from "../../../executor/engine.ts";
import type { TypedGraph } from "../../../executor/graph.ts";
import type { Tensor } from "../../../executor/tensor.ts";
import { must } from "../must.ts";

/** Labelled examples; shapes [rows, ...]. */
export interface Examples {
  readonly inputs: Tensor;
  readonly labels: Tensor;
}

/** How long to train. */
export interface Training {
  readonly steps: number;
  readonly segmentSteps: number;
  readonly rate: number;
}

/** A model's trainable constants: float32 with at least one dimension, masks aside. */
function parametersOf(model: TypedGraph): readonly (readonly [string, Tensor])[] {
  return [...model.initializers].filter(([name, { dtype, shape }]) =>
    dtype === "float32" && shape.length > 0 && name !== "mask"
  );
}

/** One step of gradient descent on the cross entropy of the model's logits. The model has one input, whose first dimension is the batch. */
function descentStep(model: TypedGraph, examples: Examples, rate: number): StepGraph {
  const builder = new GraphBuilder({ name: model.name, opset: model.opset });
  const input = must(model.inputs[0]), size = Number(must(input.shape[0]));
  const batch = builder.input("batch", "int64", [size]);
  const gather = (name: string, { dtype, shape }: Tensor) =>
    builder.add("Gather", [builder.input(`data.${name}`, dtype, shape), batch], { axis: 0 });
  const substitutes = new Map([[input.name, gather("inputs", examples.inputs)]]);
  const parameters = parametersOf(model);
  for (const [name, { dtype, shape }] of parameters) {
    substitutes.set(name, builder.input(`state.${name}`, dtype, shape));
  }
  builder.input("state.loss", "float32", []);
  const names = builder.embed(model, { prefix: "model/", substitutes });
  const logits = must(names.get(must(model.outputs[0]).name));
  const loss = crossEntropy(builder, logits, gather("labels", examples.labels));
  const gradients = appendGradients(builder, loss, parameters.map(([name]) => `state.${name}`));
  for (const [name] of parameters) {
    const change = builder.add("Mul", [must(gradients.get(`state.${name}`)), builder.float(rate)]);
    builder.output(builder.add("Sub", [`state.${name}`, change]), `next.${name}`);
  }
  builder.output(loss, "next.loss");
  return { mode: "carry", graph: builder.finish() };
}

/** A training program of one phase. */
export function trainingProgram(
  engine: Pick<Engine, "name" | "kernelHash">,
  model: TypedGraph,
  examples: Examples,
  { steps, segmentSteps, rate }: Training,
): BuiltProgram {
  const size = Number(must(model.inputs[0]?.shape[0])), rows = must(examples.inputs.shape[0]);
  return buildProgram({
    engine,
    state: [
      ...parametersOf(model).map(([name, tensor]) => ({ name, tensor })),
      { name: "loss", tensor: { dtype: "float32", shape: [], data: new Float32Array(1) } },
    ],
    data: [{ name: "inputs", tensor: examples.inputs }, { name: "labels", tensor: examples.labels }],
    phases: [{
      step: descentStep(model, examples, rate),
      steps,
      segmentSteps,
      batch: { rows, size, seed: 11n },
    }],
  });
}
