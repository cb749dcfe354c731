/** A program can be opened by those who were handed it, and whatever was changed on the way is found. */
import { assertEquals } from "@std/assert/equals.js";
import { assert } from "@std/assert/assert.js";
import { assertThrows } from "@std/assert/throws.js";
import { ExecutorError } from "../../../executor/errors.ts";
import { buildModel, parseModel } from "../../../executor/onnx/mod.ts";
import {
  blobOf,
  blobSource,
  buildInferenceProgram,
  buildTrainingProgram,
  type BuiltProgram,
  decodeManifest,
  loadTensors,
  manifestBlobs,
  openProgram,
  type ProgramManifest,
} from "../../../executor/program/mod.ts";
import { rootOfTensor, type Tensor, zeros } from "../../../executor/tensor.ts";
import {
  equalBytes,
  hash,
  programId,
  stateRoot,
  tensorRoot,
  ZERO_HASH,
} from "../../../ledger/primitives/mod.ts";
import { mlp } from "../models.ts";

const engine = { name: "ort-strict", kernelHash: hash("assay/test/engine") };
const x: Tensor = {
  dtype: "float32",
  shape: [20, 4],
  data: Float32Array.from({ length: 80 }, (_, i) => i / 80),
};
const y: Tensor = {
  dtype: "int64",
  shape: [20],
  data: BigInt64Array.from({ length: 20 }, (_, i) => BigInt(i % 3)),
};
const heldOut: Tensor = { ...x, shape: [10, 4], data: new Float32Array(40) };
const heldOutLabels: Tensor = zeros({ dtype: "int64", shape: [10] });

function training(): BuiltProgram {
  return buildTrainingProgram({
    engine,
    model: mlp(4),
    batchSize: 4,
    inputs: { x: "x" },
    labels: "y",
    data: [{ name: "x", tensor: x }, { name: "y", tensor: y }, { name: "x.test", tensor: heldOut }, {
      name: "y.test",
      tensor: heldOutLabels,
    }],
    loss: "cross_entropy",
    optimizer: { kind: "momentum", learningRate: 0.1 },
    steps: 10,
    segmentSteps: 5,
    seed: 3n,
    evaluation: { inputs: { x: "x.test" }, labels: "y.test" },
    note: "test",
  });
}

/** What everybody else has: the manifest's bytes and the blobs. */
function received(built: BuiltProgram) {
  const blobs = blobSource(built.blobs);
  const bytes = blobs(built.manifestId);
  if (bytes === undefined) throw new Error("the manifest is not among the blobs");
  return { manifest: decodeManifest(bytes), blobs };
}

Deno.test("a program opens to what was built", () => {
  const built = training();
  const { manifest, blobs } = received(built);
  const opened = openProgram(manifest, blobs);
  assertEquals(opened.program, built.program);
  assertEquals(opened.id, programId(built.program));
  assertEquals(opened.phases.map(({ phase }) => [phase.mode, phase.steps]), [["carry", 10], ["carry", 2]]);
  assertEquals(opened.state.map(({ name }) => name).slice(0, 4), [
    "weight.W0",
    "weight.b0",
    "weight.W1",
    "weight.b1",
  ]);
  assertEquals(built.program.metric?.total, 8);
  assertEquals(opened.state[built.program.metric?.index ?? -1]?.name, "correct");
  for (const id of manifestBlobs(manifest)) assert(blobs(id) !== undefined);
  const tensors = loadTensors(opened.state, blobs);
  assertEquals(
    stateRoot(opened.state.map(({ name }, i) => ({ name, root: rootOfTensor(tensors[i] ?? x) }))),
    built.program.initialRoot,
  );
});

Deno.test("two machines build the same bytes", () => {
  const [one, two] = [training(), training()];
  assertEquals(one.manifestId, two.manifestId);
  assertEquals(one.blobs.map(({ id }) => id), two.blobs.map(({ id }) => id));
});

Deno.test("every input of every node comes from where the graph says", () => {
  const built = training(), opened = openProgram(built.manifest, blobSource(built.blobs));
  for (const { graph, nodes, outputs } of opened.phases) {
    assertEquals(nodes.length, graph.nodes.length);
    graph.nodes.forEach((node, index) =>
      node.inputs.forEach((name, i) => {
        const source = nodes[index]?.inputs[i];
        switch (source?.kind) {
          case "node":
            assert(source.node < index);
            return assertEquals(graph.nodes[source.node]?.outputs[source.output], name);
          case "state":
            return assertEquals(`state.${opened.state[source.index]?.name}`, name);
          case "data":
            return assertEquals(`data.${opened.data[source.index]?.name}`, name);
          case "batch":
            return assertEquals(name, "batch");
          case "constant": {
            const tensor = graph.initializers.get(name);
            return assertEquals(source.root, tensor === undefined ? ZERO_HASH : rootOfTensor(tensor));
          }
          default:
            return assertEquals(name, "");
        }
      })
    );
    assertEquals(outputs.map(({ name }) => name), opened.state.map(({ name }) => name));
  }
  const evaluation = opened.phases[1];
  const computed = evaluation?.outputs.filter(({ source }) => source.kind === "node").map(({ name }) => name);
  assertEquals(computed, ["correct"]);
});

Deno.test("an inference program maps batches to named outputs", () => {
  const built = buildInferenceProgram({
    engine,
    model: mlp(4),
    inputs: { x: "x" },
    data: [{ name: "x", tensor: x }],
    batchSize: 4,
    segmentSteps: 2,
  });
  const opened = openProgram(built.manifest, blobSource(built.blobs));
  assertEquals(
    opened.phases.map(({ phase, outputs }) => [phase.mode, phase.steps, outputs.map(({ name }) => name)]),
    [["map", 5, ["logits"]]],
  );
});

type Change = (
  manifest: ProgramManifest,
  built: BuiltProgram,
) => { manifest: ProgramManifest; extra?: Uint8Array };
const other = hash("assay/test/other");

/** The program with its first phase changed. */
function changePhase(
  manifest: ProgramManifest,
  change: Partial<ProgramManifest["program"]["phases"][number]>,
): ProgramManifest {
  const phases = manifest.program.phases.map((phase, i) => i === 0 ? { ...phase, ...change } : phase);
  return { ...manifest, program: { ...manifest.program, phases } };
}

/** The first phase's graph, rewritten: its root in the program follows, the other roots do not. */
function rewriteGraph(
  manifest: ProgramManifest,
  built: BuiltProgram,
  rewrite: (model: ReturnType<typeof parseModel>) => ReturnType<typeof parseModel>,
) {
  const phase = manifest.program.phases[0];
  const bytes = phase === undefined ? undefined : blobSource(built.blobs)(phase.graph);
  if (bytes === undefined) throw new Error("the graph is missing");
  const extra = buildModel(rewrite(parseModel(bytes)));
  return { manifest: changePhase(manifest, { graph: blobOf(extra).id }), extra };
}

const TAMPERING: readonly [string, Change][] = [
  ["another graph root", (manifest) => ({ manifest: changePhase(manifest, { graph: other }) })],
  ["another root of nodes", (manifest) => ({ manifest: changePhase(manifest, { nodesRoot: other }) })],
  ["another number of nodes", (manifest) => ({ manifest: changePhase(manifest, { nodes: 3 }) })],
  ["another root of outputs", (manifest) => ({ manifest: changePhase(manifest, { outputsRoot: other }) })],
  [
    "another batch size",
    (manifest) => ({ manifest: changePhase(manifest, { batch: { rows: 20, size: 5, seed: 3n } }) }),
  ],
  [
    "more rows than there are",
    (manifest) => ({ manifest: changePhase(manifest, { batch: { rows: 21, size: 4, seed: 3n } }) }),
  ],
  ["no batch", (manifest) => ({ manifest: changePhase(manifest, { batch: null }) })],
  ["no steps", (manifest) => ({ manifest: changePhase(manifest, { steps: 0 }) })],
  ["another mode", (manifest) => ({ manifest: changePhase(manifest, { mode: "map" }) })],
  [
    "another initial root",
    (manifest) => ({ manifest: { ...manifest, program: { ...manifest.program, initialRoot: other } } }),
  ],
  [
    "another data root",
    (manifest) => ({ manifest: { ...manifest, program: { ...manifest.program, dataRoot: other } } }),
  ],
  [
    "a renamed weight",
    (manifest) => ({
      manifest: {
        ...manifest,
        state: manifest.state.map((t, i) => i === 0 ? { ...t, name: "weight.Q" } : t),
      },
    }),
  ],
  ["a weight less", (manifest) => ({ manifest: { ...manifest, state: manifest.state.slice(1) } })],
  ["other data", (manifest) => ({
    manifest: {
      ...manifest,
      data: manifest.data.map((t) => ({ ...t, header: { ...t.header, blob: other } })),
    },
  })],
  ["a metric that is no counter", (manifest) => ({
    manifest: { ...manifest, program: { ...manifest.program, metric: { name: "m", index: 0, total: 1 } } },
  })],
  ["no phases", (manifest) => ({ manifest: { ...manifest, program: { ...manifest.program, phases: [] } } })],
  [
    "another operator in the graph",
    (manifest, built) =>
      rewriteGraph(manifest, built, (g) => ({
        ...g,
        nodes: g.nodes.map((n) => n.operator === "Relu" ? { ...n, operator: "Tanh" } : n),
      })),
  ],
  ["another constant in the graph", (manifest, built) =>
    rewriteGraph(manifest, built, (g) => ({
      ...g,
      initializers: new Map(
        [...g.initializers].map((
          [name, t],
        ) => [name, t.dtype === "float32" && t.shape.length === 0 ? { ...t, data: Float32Array.of(7) } : t]),
      ),
    }))],
  ["another wiring of the graph", (manifest, built) =>
    rewriteGraph(manifest, built, (g) => ({
      ...g,
      nodes: g.nodes.map((n) => n.operator === "Sub" ? { ...n, inputs: [...n.inputs].reverse() } : n),
    }))],
];

for (const [what, change] of TAMPERING) {
  Deno.test(`a program with ${what} is refused`, () => {
    const built = training(), { manifest, extra } = change(built.manifest, built);
    const blobs = blobSource([...built.blobs, ...(extra === undefined ? [] : [blobOf(extra)])]);
    const error = assertThrows(() => openProgram(manifest, blobs), ExecutorError) as ExecutorError;
    assertEquals(error.code, "bad_program", error.message);
  });
}

Deno.test("a graph blob with one changed bit is refused, as is a missing one", () => {
  const built = training(), graph = built.program.phases[0]?.graph ?? ZERO_HASH;
  const good = blobSource(built.blobs);
  for (
    const bad of [
      () => undefined,
      (bytes: Uint8Array | undefined) => bytes?.map((byte, i) => i === 40 ? byte ^ 1 : byte),
    ]
  ) {
    const error = assertThrows(
      () => openProgram(built.manifest, (id) => equalBytes(id, graph) ? bad(good(id)) : good(id)),
      ExecutorError,
    ) as ExecutorError;
    assertEquals(error.code, "bad_program");
  }
});

Deno.test("a tensor blob with one changed bit is refused", () => {
  const built = training(), good = blobSource(built.blobs);
  const error = assertThrows(
    () => loadTensors(built.manifest.data, (id) => good(id)?.map((b, i) => i === 3 ? b ^ 1 : b)),
    ExecutorError,
  );
  assertEquals((error as ExecutorError).code, "bad_program");
});

Deno.test("cut and garbled manifests are refused", () => {
  const built = training(), bytes = blobSource(built.blobs)(built.manifestId) ?? new Uint8Array();
  for (const bad of [new Uint8Array(), bytes.slice(0, -1), bytes.map((b, i) => i === 0 ? b ^ 0xff : b)]) {
    assertEquals(
      (assertThrows(() => decodeManifest(bad), ExecutorError) as ExecutorError).code,
      "bad_program",
    );
  }
});

Deno.test("the header of a data tensor is what its root is the hash of", () => {
  const built = training();
  const [header] = built.manifest.data;
  assertEquals(header === undefined ? ZERO_HASH : tensorRoot(header.header), rootOfTensor(x));
});
