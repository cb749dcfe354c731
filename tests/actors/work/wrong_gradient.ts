/**
 * A job whose weight gradient is a sum over thousands of rows, and the engine of somebody who has one element of it wrong.
 *
 * @module
 */
import type { Engine } from "../../../executor/engine.ts";
import type { LoadedProgram } from "../../../executor/executor.ts";
import type { Graph, TypedGraph } from "../../../executor/graph.ts";
import { buildTrainingProgram, type BuiltProgram } from "../../../executor/program/mod.ts";
import type { SumWork } from "../../../executor/random_access.ts";
import type { Tensor } from "../../../executor/tensor.ts";
import type { SumShape } from "../../../ledger/primitives/mod.ts";
import { present } from "../../ledger/disputes/play.ts";

/** Rows of every batch, and the weights' shape: elements of the gradient times terms are more than the least cap of a unit. */
export const ROWS = 5_000, FEATURES = 40, CLASSES = 8;

/** The element that is wrong, and the block of its sum that a consistent liar falsifies. */
export const ELEMENT = 77, BLOCK = 13;

function floats(shape: readonly number[], phase: number): Tensor {
  const count = shape.reduce((product, size) => product * size, 1);
  const data = Float32Array.from({ length: count }, (_, i) => ((i * 37 + phase * 11) % 1019 - 500) / 1024);
  return { dtype: "float32", shape, data };
}

/** One linear layer, every row in each batch: its weight gradient is a sum over all rows. */
export function gradientJob(engine: Pick<Engine, "name" | "kernelHash">): BuiltProgram {
  const model: Graph = {
    name: "linear",
    opset: 17,
    inputs: [{ name: "x", dtype: "float32", shape: ["batch", FEATURES] }],
    outputs: [{ name: "logits", dtype: "float32", shape: ["batch", CLASSES] }],
    initializers: new Map([["weight", floats([FEATURES, CLASSES], 1)]]),
    nodes: [{
      name: "logits",
      operator: "MatMul",
      domain: "",
      inputs: ["x", "weight"],
      outputs: ["logits"],
      attributes: {},
    }],
  };
  return buildTrainingProgram({
    engine,
    model,
    batchSize: ROWS,
    inputs: { x: "points" },
    data: [{ name: "points", tensor: floats([ROWS, FEATURES], 3) }, {
      name: "labels",
      tensor: {
        dtype: "int64",
        shape: [ROWS],
        data: BigInt64Array.from({ length: ROWS }, (_, i) => BigInt(i % CLASSES)),
      },
    }],
    labels: "labels",
    loss: "cross_entropy",
    optimizer: { kind: "sgd", learningRate: 0.5 },
    steps: 2,
    segmentSteps: 1,
    seed: 1n,
  });
}

/** The weight gradient of the opened job: its node, the node's name in the graph, and the shape of its sums. */
export interface Gradient {
  readonly node: number;
  readonly label: string;
  readonly sum: SumShape;
}

/** Finds the node that sums over all rows and puts out as many elements as there are weights. */
export function gradientOf({ phases }: LoadedProgram): Gradient {
  const phase = present(phases[0]);
  const node = phase.nodes.findIndex(({ sum, outputs }) =>
    sum?.terms === ROWS && outputs[0]?.shape.join() === [FEATURES, CLASSES].join()
  );
  return { node, label: present(phase.labels[node]).name, sum: present(phase.nodes[node]?.sum ?? undefined) };
}

/** A graph in which one element of the gradient is more than it is: the rest is computed from that. */
function falsified(graph: TypedGraph, name: string): TypedGraph {
  const node = graph.nodes.find(({ outputs }) => outputs[0] === name), type = graph.types.get(name);
  if (node === undefined || type === undefined) return graph;
  const right = `${name}/right`, more = `${name}/more`;
  const delta = new Float32Array(FEATURES * CLASSES);
  delta[ELEMENT] = 1;
  const lie = { ...node, name: `${node.name}/lie`, operator: "Add", domain: "", attributes: {} };
  return {
    ...graph,
    nodes: graph.nodes.flatMap((each) =>
      each === node
        ? [{ ...node, outputs: [right] }, { ...lie, inputs: [right, more], outputs: [name] }]
        : [each]
    ),
    initializers: new Map([...graph.initializers, [more, {
      dtype: "float32",
      shape: [FEATURES, CLASSES],
      data: delta,
    }]]),
    types: new Map([...graph.types, [right, type], [more, type]]),
  };
}

const one = new DataView(new ArrayBuffer(4));

function plusOne(bits: number): number {
  one.setUint32(0, bits);
  one.setFloat32(0, one.getFloat32(0) + 1);
  return one.getUint32(0);
}

/** Whether a part of the sum has the falsified block in it. */
function covers({ groupBlocks }: SumShape, work: SumWork): boolean {
  const group = Math.floor(BLOCK / groupBlocks);
  if (work.kind === "block") return work.block === BLOCK;
  return work.kind === "part" &&
    (work.place.kind === "element" || (work.place.from <= group && group < work.place.to));
}

/** The engine of somebody whose gradient is wrong in one element; `consistent`: and who claims a block of it to match. */
export function lyingEngine(engine: Engine, { label, sum }: Gradient, consistent: boolean): Engine {
  const access = present(engine.randomAccess);
  return {
    ...engine,
    load: (graph) => {
      const output = graph.nodes.find(({ name }) => name === label)?.outputs[0];
      return engine.load(output === undefined ? graph : falsified(graph, output));
    },
    randomAccess: {
      ...access,
      computeSums: (part, works, inputs) =>
        access.computeSums(part, works, inputs).map((bits, i) =>
          consistent && part.start === ELEMENT && covers(sum, present(works[i])) ? plusOne(bits) : bits
        ),
    },
  };
}
