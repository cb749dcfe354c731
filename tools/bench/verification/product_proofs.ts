/**
 * Proofs of an exact product of 1024 x 1024 x 1024, against computing it: the node itself, and a product of floats of that size, the fastest there is.
 *
 * @module
 */
import { GraphBuilder, rootOfTensor, type Tensor } from "../../../executor/mod.ts";
import {
  type ExactProduct,
  productOfNode,
  type ProductProof,
  type ProductRoots,
  proveProduct,
  screenProduct,
  verifyProduct,
} from "../../../executor/proofs/mod.ts";
import { createRepopsEngine } from "../../../executor/repops/mod.ts";
import { ToolError } from "../../errors.ts";
import { type Bench, inProcess } from "../bench.ts";
import { processorSeconds, secondsOf } from "../repeat.ts";

const SIZE = 1024;
const SHAPE = [SIZE, SIZE];

/** A prover that takes a tenth of the product's time is what was aimed at. */
const OVERHEAD = 10;

/** Bytes without pattern: a linear congruential generator's high ones. */
function bytes(seed: number): Uint8Array<ArrayBuffer> {
  let state = seed;
  return Uint8Array.from({ length: SIZE * SIZE }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

interface Fixture {
  readonly product: ExactProduct;
  readonly roots: ProductRoots;
  readonly proof: ProductProof;
  /** Milliseconds that the engine takes for the node: measured once, since it has no kernel for it and takes seconds. */
  readonly integerTime: number;
  /** Computes the float product. */
  readonly floats: () => unknown;
}

async function makeFixture(): Promise<Fixture> {
  const [a, b] = [1, 2].map((seed): Tensor => ({ dtype: "uint8", shape: SHAPE, data: bytes(seed) }));
  if (!a || !b) throw new ToolError("failed", "The matrices could not be made.");
  const engine = await createRepopsEngine();
  const runnerOf = async (operator: string, tensors: readonly Tensor[]) => {
    const builder = new GraphBuilder();
    const names = tensors.map(({ dtype }, i) => builder.input(`x${i}`, dtype, SHAPE));
    builder.output(builder.add(operator, names), "y");
    const graph = builder.finish();
    const session = await engine.load(graph);
    const inputs = Object.fromEntries(tensors.map((tensor, i) => [`x${i}`, tensor]));
    return { node: graph.nodes[0], run: () => session.run(inputs) };
  };
  const integer = await runnerOf("MatMulInteger", [a, b]);
  const float = await runnerOf(
    "MatMul",
    [a, b].map(({ data }): Tensor => ({
      dtype: "float32",
      shape: SHAPE,
      data: Float32Array.from(data, Number),
    })),
  );
  const start = processorSeconds();
  const { y } = await integer.run();
  const integerTime = 1000 * (processorSeconds() - start);
  const product = y && integer.node && productOfNode(integer.node, [a, b], y);
  if (!product) throw new ToolError("failed", "The node is no exact product.");
  const roots = { inputs: [rootOfTensor(a), rootOfTensor(b)], c: rootOfTensor(y) };
  const proof = proveProduct(product, roots);
  return { product, roots, proof, integerTime, floats: float.run };
}

/** The benches, on one product made when the first of them runs. */
export function productProofBenches(): readonly Bench[] {
  let made: Promise<Fixture> | undefined;
  const fixture = () => made ??= makeFixture();
  const timed = (work: (fixture: Fixture) => unknown) =>
    inProcess(async () => {
      const ready = await fixture();
      return 1000 * await secondsOf(() => work(ready));
    });
  const secret = bytes(3).subarray(0, 4 * SIZE);
  const what = `${SIZE}^3 integer product`;
  return [{
    name: "proofs of an exact product",
    unit: "ms",
    better: "less",
    entrants: {
      prover: timed(({ product, roots }) => proveProduct(product, roots)),
      verifier: timed(({ product, roots, proof }) => verifyProduct(product, roots, proof)),
      screen: timed(({ product }) => screenProduct(product, secret)),
      product: inProcess(async () => (await fixture()).integerTime),
      "float product": timed(({ floats }) => floats()),
    },
    rows: [
      { name: `sum-check prover, ${what}`, ours: "prover", peer: "product", target: OVERHEAD },
      { name: `sum-check prover, ${what}`, ours: "prover", peer: "float product", target: OVERHEAD },
      { name: `sum-check verifier, ${what}`, ours: "verifier", peer: "product" },
      { name: `sum-check verifier, ${what}`, ours: "verifier", peer: "float product" },
      { name: `Freivalds' screen, ${what}`, ours: "screen", peer: "product" },
    ],
    rounds: 3,
  }];
}
