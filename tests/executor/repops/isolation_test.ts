/**
 * A node computed alone has the bits that it has within its graph, whether its parameters are constants or handed in.
 *
 * @module
 */
import { assertEquals } from "@std/assert/equals.js";
import type { TypedGraph } from "../../../executor/graph.ts";
import type { Tensors } from "../../../executor/engine.ts";
import { createRepopsEngine } from "../../../executor/repops/mod.ts";
import { compileKernels, openSession, startMachine } from "../../../executor/repops/wasm/mod.ts";
import type { Tensor } from "../../../executor/tensor.ts";
import { firstDifference } from "./reference_run.ts";
import { cnnStep, languageModelStep, mlpStep } from "./workloads.ts";

/** More than any of the workloads needs. */
const POISONED_BYTES = 2 ** 24;

const WORKLOADS = [
  mlpStep(8, [20, 12, 10]),
  cnnStep(3, 8, [4, 6]),
  languageModelStep({ batch: 2, time: 6, width: 8, heads: 2, layers: 1 }, 7),
];

/** The graph of one node whose every input is a graph input. */
function alone(graph: TypedGraph, index: number): TypedGraph {
  const node = graph.nodes[index];
  if (!node) throw new RangeError(`The graph has no node ${index}.`);
  const declare = (name: string) => ({
    name,
    dtype: "float32" as const,
    shape: [],
    ...graph.types.get(name),
  });
  return {
    name: `${graph.name} ${index}`,
    opset: graph.opset,
    nodes: [node],
    inputs: [...new Set(node.inputs)].filter((name) => name !== "").map(declare),
    outputs: node.outputs.filter((name) => name !== "").map(declare),
    initializers: new Map(),
    types: graph.types,
  };
}

for (const { name, graph, inputs } of WORKLOADS) {
  Deno.test(`every node of a ${name} alone has the bits that it has within the graph`, async () => {
    const engine = await createRepopsEngine();
    const every = graph.nodes.flatMap(({ outputs }) => outputs.filter((output) => output !== ""));
    const declared = every.map((output) => ({
      name: output,
      dtype: "float32" as const,
      shape: [],
      ...graph.types.get(output),
    }));
    const whole = await engine.load({ ...graph, outputs: declared });
    const values: Record<string, Tensor> = {
      ...Object.fromEntries(graph.initializers),
      ...inputs,
      ...await whole.run(inputs),
    };
    await whole.close();
    for (let index = 0; index < graph.nodes.length; index++) {
      const single = alone(graph, index);
      const session = await engine.load(single);
      const got = await session.run(Object.fromEntries(single.inputs.flatMap(({ name: input }) => {
        const tensor = values[input];
        return tensor ? [[input, tensor]] : [];
      })));
      await session.close();
      for (const { name: output } of single.outputs) {
        const [a, b] = [got[output], values[output]];
        assertEquals(
          a && b ? firstDifference(a, b) : "missing",
          undefined,
          `${graph.nodes[index]?.operator} ${output}`,
        );
      }
    }
    await engine.close();
  });
}

for (const { name, graph, inputs } of WORKLOADS) {
  Deno.test(`a ${name} has the same bits whatever its memory held before`, async () => {
    const module = await compileKernels();
    const results: Tensors[] = [];
    for (const word of [0, 0x7fc00001]) {
      const machine = startMachine(module);
      machine.reserve(0, POISONED_BYTES);
      machine.view("int32", 0, POISONED_BYTES / 4).fill(word);
      const session = openSession(machine, graph, "high", () => {});
      results.push(await session.run(inputs));
      results.push(await session.run(inputs));
      await session.close();
    }
    const [first = {}, ...others] = results;
    for (const other of others) {
      for (const [output, tensor] of Object.entries(first)) {
        const again = other[output];
        assertEquals(again ? firstDifference(tensor, again) : "missing", undefined, output);
      }
    }
  });
}
