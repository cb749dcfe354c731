/**
 * Attention is written as other nodes: what they compute is compared with the operator's definition in binary64.
 *
 * @module
 */
import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { assertStringIncludes } from "@std/assert/string_includes.js";
import { assertThrows } from "@std/assert/throws.js";
import { ExecutorError } from "../../../executor/errors.ts";
import type { Attribute, Graph } from "../../../executor/graph.ts";
import { bindShapes, floatValue } from "../../../executor/onnx/mod.ts";
import { createRepopsEngine } from "../../../executor/repops/mod.ts";
import type { Tensor } from "../../../executor/tensor.ts";
import { floats, integers } from "../repops/random_values.ts";

/** A node: its inputs by position, attributes, and how many outputs it shows. */
interface Case {
  readonly inputs: readonly (Tensor | undefined)[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly outputs?: number;
}

const int = (value: number): Attribute => ({ type: "int", value: BigInt(value) });
const near = (shape: readonly number[], seed: number): Tensor => floats(shape, seed, "near");

function graphOf({ inputs, attributes = {}, outputs = 1 }: Case): Graph {
  const names = inputs.map((tensor, i) => tensor ? `x${i}` : "");
  const given = inputs.flatMap((tensor, i) =>
    tensor ? [{ name: `x${i}`, dtype: tensor.dtype, shape: tensor.shape }] : []
  );
  const results = Array.from({ length: outputs }, (_, i) => `y${i}`);
  return {
    name: "attention",
    opset: 23,
    nodes: [{ name: "a", operator: "Attention", domain: "", inputs: names, outputs: results, attributes }],
    inputs: given,
    outputs: results.map((name) => ({ name, dtype: "float32", shape: [] })),
    initializers: new Map(),
  };
}

const CASES: Readonly<Record<string, Case>> = {
  "four dimensions": { inputs: [near([2, 3, 4, 8], 1), near([2, 3, 6, 8], 2), near([2, 3, 6, 5], 3)] },
  "three dimensions and shared heads": {
    inputs: [near([2, 4, 24], 1), near([2, 6, 12], 2), near([2, 6, 10], 3)],
    attributes: { q_num_heads: int(4), kv_num_heads: int(2), scale: floatValue(0.3) },
  },
  "a causal order": {
    inputs: [near([1, 2, 5, 4], 1), near([1, 2, 5, 4], 2), near([1, 2, 5, 4], 3)],
    attributes: { is_causal: int(1) },
  },
  "a mask of truths": {
    inputs: [
      near([2, 2, 3, 4], 1),
      near([2, 2, 5, 4], 2),
      near([2, 2, 5, 4], 3),
      { ...integers("bool", [3, 5], 7, 0, 3) },
    ],
  },
  "a mask that is added, a cap, and the capped scores": {
    inputs: [near([2, 2, 3, 4], 1), near([2, 2, 5, 4], 2), near([2, 2, 5, 4], 3), near([2, 1, 3, 5], 4)],
    attributes: { softcap: floatValue(1.5), qk_matmul_output_mode: int(2) },
    outputs: 4,
  },
  "past keys and values": {
    inputs: [
      near([2, 3, 8], 1),
      near([2, 3, 8], 2),
      near([2, 3, 8], 3),
      undefined,
      near([2, 2, 4, 4], 5),
      near([2, 2, 4, 4], 6),
    ],
    attributes: { q_num_heads: int(2), kv_num_heads: int(2) },
    outputs: 3,
  },
};

/** [batch, heads, time, size] from either form. */
function headsOf(tensor: Tensor, heads: number) {
  const [batch = 1, second = 1, third = 1, fourth = 1] = tensor.shape, isFlat = tensor.shape.length === 3;
  const [time, size] = isFlat ? [second, third / heads] : [third, fourth];
  const own = isFlat ? heads : second;
  const at = (b: number, h: number, t: number, i: number) =>
    Number(
      tensor.data[isFlat ? (b * time + t) * third + h * size + i : ((b * own + h) * time + t) * size + i],
    );
  return { batch, heads: own, time, size, at };
}

/** The definition, element by element. */
function defined({ inputs, attributes = {} }: Case): (b: number, h: number, t: number, i: number) => number {
  const number = (name: string) => {
    const attribute = attributes[name];
    return attribute?.type === "int" || attribute?.type === "float" ? Number(attribute.value) : 0;
  };
  const [qIn, kIn, vIn, mask, pastKey, pastValue] = inputs;
  if (!qIn || !kIn || !vIn) throw new TypeError("Q, K and V are there");
  const q = headsOf(qIn, number("q_num_heads"));
  const joined = (now: Tensor, past: Tensor | undefined) => {
    const fresh = headsOf(now, number("kv_num_heads")),
      old = past && headsOf(past, 0),
      before = old?.time ?? 0;
    return {
      ...fresh,
      time: before + fresh.time,
      at: (b: number, h: number, t: number, i: number) =>
        old && t < before ? old.at(b, h, t, i) : fresh.at(b, h, t - before, i),
    };
  };
  const [k, v] = [joined(kIn, pastKey), joined(vIn, pastValue)];
  const share = q.heads / k.heads, scale = number("scale") || 1 / Math.sqrt(q.size), cap = number("softcap");
  const biasAt = (b: number, t: number, s: number): number => {
    const causal = number("is_causal") !== 0 && s > t ? -Infinity : 0;
    if (!mask) return causal;
    const value = Number(mask.data[((mask.shape.length === 4 ? b * q.time : 0) + t) * k.time + s]);
    return mask.dtype === "bool" ? (value === 0 ? -Infinity : 0) + causal : value + causal;
  };
  return (b, h, t, i) => {
    const kv = Math.floor(h / share), scores = [];
    for (let s = 0; s < k.time; s++) {
      let sum = 0;
      for (let j = 0; j < q.size; j++) sum += q.at(b, h, t, j) * k.at(b, kv, s, j);
      const score = sum * scale + biasAt(b, t, s);
      scores.push(cap === 0 ? score : cap * Math.tanh(score / cap));
    }
    const top = Math.max(...scores), powers = scores.map((score) => Math.exp(score - top));
    const total = powers.reduce((a, c) => a + c, 0);
    return powers.reduce((sum, power, s) => sum + (power / total) * v.at(b, kv, s, i), 0);
  };
}

Deno.test("attention has the values of its definition in every form", async () => {
  const engine = await createRepopsEngine({ precision: "highest" });
  for (const [name, each] of Object.entries(CASES)) {
    const graph = bindShapes(graphOf(each));
    assert(graph.nodes.every(({ operator }) => operator !== "Attention"));
    const session = await engine.load(graph);
    const { y0 } = await session.run(
      Object.fromEntries(each.inputs.flatMap((tensor, i) => tensor ? [[`x${i}`, tensor] as const] : [])),
    );
    await session.close();
    if (!y0) throw new TypeError("there is an output");
    const heads = Number(each.attributes?.["q_num_heads"]?.value ?? 1), y = headsOf(y0, heads);
    const wanted = defined(each);
    for (let b = 0; b < y.batch; b++) {
      for (let h = 0; h < y.heads; h++) {
        for (let t = 0; t < y.time; t++) {
          for (let i = 0; i < y.size; i++) {
            const difference = Math.abs(y.at(b, h, t, i) - wanted(b, h, t, i));
            assert(difference < 1e-5, `${name}: [${b}, ${h}, ${t}, ${i}] is ${difference} off`);
          }
        }
      }
    }
  }
  await engine.close();
});

Deno.test("attention shows the keys and values so far, and scores at the stage that is asked for", () => {
  const past = bindShapes(graphOf(CASES["past keys and values"] ?? { inputs: [] }));
  assertEquals(past.types.get("y1")?.shape, [2, 2, 7, 4]);
  assertEquals(past.types.get("y2")?.shape, [2, 2, 7, 4]);
  const capped = bindShapes(
    graphOf(CASES["a mask that is added, a cap, and the capped scores"] ?? { inputs: [] }),
  );
  assertEquals(capped.nodes.find(({ outputs }) => outputs[0] === "y3")?.operator, "Mul");
});

Deno.test("forms of attention that are not said alike everywhere are refused by name", () => {
  const [q, past] = [near([1, 2, 3, 4], 1), near([1, 2, 2, 4], 2)];
  const each = { inputs: [q, q, q, undefined, past, past], attributes: { is_causal: int(1) } };
  const error = assertThrows(() => bindShapes(graphOf(each)), ExecutorError);
  assertEquals(error.code, "unsupported_operator");
  assertStringIncludes(error.message, "Attention");
  assertStringIncludes(error.message, '"a"');
});
