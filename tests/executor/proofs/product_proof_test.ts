/**
 * Proofs of exact products: what is right is proven, what is wrong is found, whatever is wrong about it.
 *
 * @module
 */
import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { assertThrows } from "@std/assert/throws.js";
import fc from "fast-check";
import { ExecutorError } from "../../../executor/errors.ts";
import type { GraphNode } from "../../../executor/graph.ts";
import {
  type ExactProduct,
  LONGEST_EXACT_SUM,
  productOfNode,
  ProductProof,
  type ProductRoots,
  proveProduct,
  requantisedOutput,
  screenProduct,
  verifyProduct,
} from "../../../executor/proofs/mod.ts";
import { evaluateNode } from "../../../executor/repops/reference/mod.ts";
import { admit, release } from "../../../executor/repops/values.ts";
import type { Tensor } from "../../../executor/tensor.ts";
import { bytesToHex, encode, sha256 } from "../../../ledger/primitives/mod.ts";
import { must } from "../must.ts";
import { integers, randomNumbers } from "../repops/random_values.ts";

interface Shape {
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
  readonly seed: number;
  /** Zero points for each row and column, or one for all. */
  readonly apart: boolean;
}

/** A random product, its C multiplied out over the unbounded integers. */
function productOf({ rows, inner, columns, seed, apart }: Shape): ExactProduct {
  const a = must(integers("uint8", [rows, inner], seed, 0, 255).data as Uint8Array);
  const b = Int8Array.from(integers("uint8", [inner, columns], seed + 1, 0, 255).data, Number);
  const random = randomNumbers(seed + 2);
  const zeros = (count: number, low: number) =>
    Array.from({ length: apart ? count : 1 }, () => low + Math.floor(random() * 256));
  const [zeroA, zeroB] = [zeros(rows, 0), zeros(columns, -128)];
  const zero = (list: readonly number[], i: number) => BigInt(must(list[list.length === 1 ? 0 : i]));
  const c = Int32Array.from({ length: rows * columns }, (_, at) => {
    const [row, column] = [Math.floor(at / columns), at % columns];
    let sum = 0n;
    for (let k = 0; k < inner; k++) {
      sum += (BigInt(must(a[row * inner + k])) - zero(zeroA, row)) *
        (BigInt(must(b[k * columns + column])) - zero(zeroB, column));
    }
    return Number(sum);
  });
  return {
    a: { rows, columns: inner, entries: a },
    b: { rows: inner, columns, entries: b },
    zeroA,
    zeroB,
    c,
  };
}

/** Roots as a commitment would have them: they depend on every byte. */
function rootsOf({ a, b, c }: ExactProduct): ProductRoots {
  const bytes = (data: Uint8Array | Int8Array | Int32Array) =>
    new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { inputs: [sha256(bytes(a.entries)), sha256(bytes(b.entries))], c: sha256(bytes(c)) };
}

const SECRET = Uint8Array.from({ length: 1024 }, (_, i) => (i * 2654435761) >>> 13);

const shapes: fc.Arbitrary<Shape> = fc.record({
  rows: fc.integer({ min: 1, max: 19 }),
  inner: fc.integer({ min: 1, max: 70 }),
  columns: fc.integer({ min: 1, max: 19 }),
  seed: fc.integer({ min: 1, max: 1e6 }),
  apart: fc.boolean(),
});

Deno.test("a right product of any shape and zero points is proven and passes the screen", () => {
  fc.assert(
    fc.property(shapes, (shape) => {
      const product = productOf(shape);
      const roots = rootsOf(product);
      const proof = proveProduct(product, roots);
      assertEquals(proof.rounds.length, Math.ceil(Math.log2(shape.inner)));
      return verifyProduct(product, roots, proof) && screenProduct(product, SECRET);
    }),
    { numRuns: 150, seed: 7 },
  );
});

Deno.test("any one wrong entry of C is found, by proof and screen, be it off by one or by the prime", () => {
  const product = productOf({ rows: 7, inner: 33, columns: 5, seed: 3, apart: true });
  const P = 2 ** 31 - 1;
  for (let at = 0; at < product.c.length; at++) {
    for (const off of [1, -1, 2 ** 16, -(2 ** 20), P, -P, 2 ** 31]) {
      const c = product.c.slice();
      c[at] = must(c[at]) + off;
      if (c[at] === product.c[at]) continue;
      const wrong = { ...product, c };
      const roots = rootsOf(wrong);
      assert(!verifyProduct(wrong, roots, proveProduct(wrong, roots)), `proof, entry ${at} off by ${off}`);
      assert(!verifyProduct(wrong, roots, proveProduct(product, roots)), `proof, entry ${at} off by ${off}`);
      assert(!screenProduct(wrong, SECRET), `screen, entry ${at} off by ${off}`);
    }
  }
});

Deno.test("any wrong entry of A or B is found", () => {
  const product = productOf({ rows: 4, inner: 10, columns: 3, seed: 5, apart: false });
  const roots = rootsOf(product);
  const proof = proveProduct(product, roots);
  for (const side of ["a", "b"] as const) {
    for (let at = 0; at < product[side].entries.length; at++) {
      const entries = product[side].entries.slice();
      entries[at] = must(entries[at]) ^ 1;
      const wrong = { ...product, [side]: { ...product[side], entries } };
      assert(!verifyProduct(wrong, roots, proof));
      assert(!screenProduct(wrong, SECRET));
    }
  }
});

Deno.test("a proof with any bit changed, a round too few or too many, or of another statement is refused", () => {
  const product = productOf({ rows: 6, inner: 21, columns: 9, seed: 11, apart: true });
  const roots = rootsOf(product);
  const { rounds } = proveProduct(product, roots);
  const verifies = (changed: ProductProof["rounds"]) => verifyProduct(product, roots, { rounds: changed });
  assert(verifies(rounds));
  rounds.forEach((round, at) => {
    for (let bit = 0; bit < round.length * 8; bit++) {
      const changed = round.slice();
      changed[bit >> 3] = must(changed[bit >> 3]) ^ (1 << (bit & 7));
      assert(!verifies(rounds.with(at, changed)), `bit ${bit} of round ${at}`);
    }
  });
  assert(!verifies(rounds.slice(1)));
  assert(!verifies([...rounds, must(rounds[0])]));
  assert(!verifies(rounds.toReversed()));
  const other = { ...roots, inputs: roots.inputs.toReversed() };
  assert(!verifyProduct(product, other, { rounds }));
});

Deno.test("an element in another form than its own is refused, though it is the same modulo p", () => {
  const product = productOf({ rows: 1, inner: 2, columns: 1, seed: 2, apart: false });
  const zero = {
    ...product,
    a: { ...product.a, entries: new Uint8Array(2) },
    zeroA: [0],
    c: new Int32Array(1),
  };
  const roots = rootsOf(zero);
  const { rounds: [round] } = proveProduct(zero, roots);
  assertEquals(must(round), new Uint8Array(32));
  const same = new Uint8Array(32);
  new DataView(same.buffer).setUint32(0, 2 ** 31 - 1, true);
  assert(!verifyProduct(zero, roots, { rounds: [same] }));
});

Deno.test("sums too long to be exact are refused, and so are matrices that do not fit", () => {
  const inner = LONGEST_EXACT_SUM + 1;
  const long = {
    a: { rows: 1, columns: inner, entries: new Uint8Array(inner) },
    b: { rows: inner, columns: 1, entries: new Int8Array(inner) },
    zeroA: [0],
    zeroB: [0],
    c: new Int32Array(1),
  };
  const roots = { inputs: [], c: new Uint8Array(32) };
  for (
    const product of [long, { ...long, c: new Int32Array(2) }, { ...long, a: { ...long.a, columns: 1 } }]
  ) {
    assertEquals(assertThrows(() => proveProduct(product, roots), ExecutorError).code, "bad_request");
    assertEquals(assertThrows(() => screenProduct(product, SECRET), ExecutorError).code, "bad_request");
  }
});

Deno.test("the bytes of a proof are frozen", () => {
  const product = productOf({ rows: 5, inner: 12, columns: 7, seed: 1, apart: true });
  const proof = proveProduct(product, rootsOf(product));
  assertEquals(
    bytesToHex(sha256(encode(ProductProof, proof))),
    "121d0d9d4b5ede0bcbdafd417e43696030c057a0f77d025e9d3c38a08691299e",
  );
});

function nodeOf(operator: string, inputs: readonly Tensor[]): GraphNode {
  const names = inputs.map((_, i) => `x${i}`);
  return { name: "n", operator, domain: "", inputs: names, outputs: ["y"], attributes: {} };
}

/** What the node puts out, by the scalar reference of repops. */
function outputOf(
  node: GraphNode,
  inputs: readonly Tensor[],
  output: Pick<Tensor, "dtype" | "shape">,
): Tensor {
  const call = { node, opset: 17, precision: "high" as const, inputs: inputs.map(admit), outputs: [output] };
  return release(must(evaluateNode(call)[0]));
}

Deno.test("the output of a MatMulInteger node is proven as it is, batches of rows and row zero points included", () => {
  const inputs = [
    integers("uint8", [2, 3, 20], 1, 0, 255),
    integers("uint8", [20, 5], 2, 0, 255),
    integers("uint8", [3], 3, 0, 255),
    integers("uint8", [5], 4, 0, 255),
  ];
  const node = nodeOf("MatMulInteger", inputs);
  const flat = [
    { ...must(inputs[0]), shape: [3, 20], data: must(inputs[0]).data.slice(0, 60) },
    ...inputs.slice(1),
  ];
  const output = outputOf(node, flat as Tensor[], { dtype: "int32", shape: [3, 5] });
  const product = must(productOfNode(node, flat as Tensor[], output));
  const roots = rootsOf(product);
  assert(verifyProduct(product, roots, proveProduct(product, roots)));
  const both = outputOf(node, inputs, { dtype: "int32", shape: [2, 3, 5] });
  assert(screenProduct(must(productOfNode(node, inputs, both)), SECRET));
});

Deno.test("the output of a QLinearMatMul node follows from sums that are proven", () => {
  const scalar = (value: number): Tensor => ({ dtype: "float32", shape: [], data: Float32Array.of(value) });
  const byte = (value: number): Tensor => ({ dtype: "uint8", shape: [], data: Uint8Array.of(value) });
  const [a, b] = [integers("uint8", [6, 30], 1, 0, 255), integers("uint8", [30, 7], 2, 0, 255)];
  const scales: Tensor = {
    dtype: "float32",
    shape: [7],
    data: Float32Array.from({ length: 7 }, (_, i) => 0.01 * (i + 1)),
  };
  const inputs = [a, scalar(0.02), byte(3), b, scales, byte(9), scalar(0.7), byte(100)];
  const node = nodeOf("QLinearMatMul", inputs);
  const output = outputOf(node, inputs, { dtype: "uint8", shape: [6, 7] });
  const zeros = [must(inputs[2]), must(inputs[5])];
  const sums = outputOf(nodeOf("MatMulInteger", [a, b, ...zeros]), [a, b, ...zeros], {
    dtype: "int32",
    shape: [6, 7],
  });
  const product = must(productOfNode(node, inputs, sums));
  const roots = rootsOf(product);
  assert(verifyProduct(product, roots, proveProduct(product, roots)));
  assertEquals(requantisedOutput(node, inputs, product).data, output.data);
});

Deno.test("other nodes are no exact products", () => {
  const inputs = [integers("uint8", [2, 3], 1, 0, 9), integers("uint8", [3, 2], 2, 0, 9)];
  const sums: Tensor = { dtype: "int32", shape: [2, 2], data: new Int32Array(4) };
  assertEquals(productOfNode(nodeOf("MatMul", inputs), inputs, sums), undefined);
  const batched = [must(inputs[0]), integers("uint8", [2, 3, 2], 2, 0, 9)];
  assertEquals(productOfNode(nodeOf("MatMulInteger", batched), batched, sums), undefined);
});
