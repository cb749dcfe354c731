/** Models of operator sets before 11 are read as if they had been written today. */
import onnxProto, { type onnx } from "onnx-proto";
import { assertEquals } from "@std/assert/equals.js";
import { assertThrows } from "@std/assert/throws.js";
import { ExecutorError } from "../../../executor/errors.ts";
import { bindShapes, parseModel } from "../../../executor/onnx/mod.ts";
import { createRepopsEngine } from "../../../executor/repops/mod.ts";
import type { Tensor } from "../../../executor/tensor.ts";

const FLOAT = onnxProto.onnx.AttributeProto.AttributeType.FLOAT;
const INT = onnxProto.onnx.AttributeProto.AttributeType.INT;
const INTS = onnxProto.onnx.AttributeProto.AttributeType.INTS;

const float = (name: string, f: number): onnx.IAttributeProto => ({ name, type: FLOAT, f });
const int = (name: string, i: number): onnx.IAttributeProto => ({ name, type: INT, i });
const ints = (name: string, values: number[]): onnx.IAttributeProto => ({ name, type: INTS, ints: values });

interface Old {
  readonly opset: number;
  readonly operator: string;
  readonly attributes: onnx.IAttributeProto[];
  readonly inputs: readonly Tensor[];
  readonly outputs?: number;
}

/** A file with one node, as an exporter of its time wrote it. */
function oldModel({ opset, operator, attributes, inputs, outputs = 1 }: Old): Uint8Array {
  const names = inputs.map((_, i) => `x${i}`), results = Array.from({ length: outputs }, (_, i) => `y${i}`);
  const value = (name: string, shape?: readonly number[]): onnx.IValueInfoProto => ({
    name,
    type: {
      tensorType: { elemType: 1, ...(shape && { shape: { dim: shape.map((dimValue) => ({ dimValue })) } }) },
    },
  });
  return onnxProto.onnx.ModelProto.encode({
    irVersion: 3,
    opsetImport: [{ domain: "", version: opset }],
    graph: {
      name: "old",
      node: [{ opType: operator, input: names, output: results, attribute: attributes }],
      input: names.map((name, i) => value(name, inputs[i]?.shape)),
      output: results.slice(0, 1).map((name) => value(name)),
    },
  }).finish();
}

function vector(shape: readonly number[], ...values: number[]): Tensor {
  return { dtype: "float32", shape, data: Float32Array.from(values) };
}

/** Shape and elements of an old model's first output. */
async function compute(old: Old): Promise<readonly [readonly number[], readonly number[]]> {
  const engine = await createRepopsEngine({ precision: "highest" });
  const session = await engine.load(bindShapes(parseModel(oldModel(old))));
  try {
    const { y0 } = await session.run(Object.fromEntries(old.inputs.map((tensor, i) => [`x${i}`, tensor])));
    return [y0?.shape ?? [], Array.from(y0?.data ?? [], Number)];
  } finally {
    await session.close();
    await engine.close();
  }
}

const SIX = vector([2, 3], 1, 2, 3, 4, 5, 6);

Deno.test("bounds, axes, pads and k that older operator sets wrote as attributes are read", async () => {
  assertEquals(
    await compute({
      opset: 6,
      operator: "Clip",
      attributes: [float("min", 2), float("max", 5)],
      inputs: [SIX],
    }),
    [[2, 3], [2, 2, 3, 4, 5, 5]],
  );
  const starts = [ints("axes", [1]), ints("starts", [1]), ints("ends", [3])];
  assertEquals(await compute({ opset: 9, operator: "Slice", attributes: starts, inputs: [SIX] }), [[2, 2], [
    2,
    3,
    5,
    6,
  ]]);
  const pads = [ints("pads", [0, 1, 0, 0]), float("value", 9)];
  assertEquals(
    await compute({ opset: 10, operator: "Pad", attributes: pads, inputs: [SIX] }),
    [[2, 4], [9, 1, 2, 3, 9, 4, 5, 6]],
  );
  assertEquals(
    await compute({ opset: 9, operator: "TopK", attributes: [int("k", 1)], inputs: [SIX], outputs: 2 }),
    [[2, 1], [3, 6]],
  );
  assertEquals(
    await compute({ opset: 1, operator: "Reshape", attributes: [ints("shape", [3, 2])], inputs: [SIX] }),
    [[3, 2], [1, 2, 3, 4, 5, 6]],
  );
});

Deno.test("an operand that older operator sets placed by its axis stands there", async () => {
  const attributes = [int("broadcast", 1), int("axis", 0)];
  assertEquals(
    await compute({ opset: 6, operator: "Add", attributes, inputs: [SIX, vector([2], 10, 20)] }),
    [[2, 3], [11, 12, 13, 24, 25, 26]],
  );
  // The slope of PRelu belongs to axis 1.
  const image = vector([1, 2, 2], -1, -2, -3, -4);
  assertEquals(
    await compute({ opset: 6, operator: "PRelu", attributes: [], inputs: [image, vector([2], 2, 10)] }),
    [[1, 2, 2], [-2, -4, -30, -40]],
  );
});

Deno.test("Upsample repeats pixels, as Resize does", async () => {
  const scales = vector([2], 1, 2);
  assertEquals(
    await compute({ opset: 9, operator: "Upsample", attributes: [], inputs: [SIX, scales] })
      .catch((thrown) => thrown.code),
    "bad_shape", // the scales are data here: without their value there is no shape
  );
  const listed: onnx.IAttributeProto = {
    name: "scales",
    type: onnxProto.onnx.AttributeProto.AttributeType.FLOATS,
    floats: [1, 2],
  };
  assertEquals(
    await compute({ opset: 7, operator: "Upsample", attributes: [listed], inputs: [SIX] }),
    [[2, 6], [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6]],
  );
});

Deno.test("an old form that cannot be said today is refused, naming node and operator", () => {
  const training = oldModel({
    opset: 6,
    operator: "BatchNormalization",
    attributes: [],
    inputs: [SIX, SIX, SIX, SIX, SIX],
  });
  const error = assertThrows(() => parseModel(training), ExecutorError);
  assertEquals(error.code, "unsupported_operator");
  assertEquals(error.fields, { node: "BatchNormalization_0", operator: "BatchNormalization" });
});

Deno.test("reading an old model gives one of operator set 11", () => {
  const model = parseModel(oldModel({ opset: 7, operator: "Add", attributes: [], inputs: [SIX, SIX] }));
  assertEquals([model.opset, model.nodes.map(({ operator }) => operator)], [11, ["Add"]]);
});
