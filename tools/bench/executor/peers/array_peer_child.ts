/**
 * Array libraries for the web at a product of matrices, on one thread, with the result read back. Arguments: `jax-js`|`tfjs` WORKLOAD,
 * one of the `MatMul N`: whole models would have to be written anew in each library.
 *
 * Imported by names computed at run time, so that only who runs benchmarks installs them.
 *
 * @module
 */
import type { Tensor } from "../../../executor/mod.ts";
import { ToolError } from "../../errors.ts";
import { serveContender } from "../serve_contender.ts";
import { figureOf } from "./figure.ts";
import { workloadNamed } from "./workloads.ts";

/** What is used of jax-js. Operations consume their arguments, of which `ref` is another reference. */
interface JaxArray {
  readonly ref: JaxArray;
  dataSync(): ArrayLike<number>;
}
interface Jax {
  readonly numpy: {
    array(data: Tensor["data"], options: { shape: readonly number[] }): JaxArray;
    matmul(a: JaxArray, b: JaxArray): JaxArray;
  };
  init(device: "wasm"): Promise<unknown>;
  defaultDevice(device: "wasm"): unknown;
}

/** What is used of tfjs. */
interface TfArray {
  dataSync(): ArrayLike<number>;
  dispose(): void;
}
interface Tf {
  tensor(data: Tensor["data"], shape: readonly number[]): TfArray;
  matMul(a: TfArray, b: TfArray): TfArray;
  setBackend(name: "wasm"): Promise<boolean>;
  ready(): Promise<void>;
}
interface TfWasm {
  setThreadsCount(count: number): void;
  setWasmPaths(folder: string): void;
}

async function jaxProduct(a: Tensor, b: Tensor): Promise<() => void> {
  // It starts as many workers as there are cores, unless there is one.
  Object.defineProperty(navigator, "hardwareConcurrency", { value: 1, configurable: true });
  const name = "npm:@jax-js/jax@0.1.25";
  const { numpy, init, defaultDevice }: Jax = await import(name);
  await init("wasm");
  defaultDevice("wasm");
  const left = numpy.array(a.data, { shape: a.shape }), right = numpy.array(b.data, { shape: b.shape });
  return () => void numpy.matmul(left.ref, right.ref).dataSync();
}

async function tfProduct(a: Tensor, b: Tensor): Promise<() => void> {
  const core = "npm:@tensorflow/tfjs-core@4.22.0", backend = "npm:@tensorflow/tfjs-backend-wasm@4.22.0";
  const tf: Tf = await import(core), wasm: TfWasm = await import(backend);
  wasm.setThreadsCount(1);
  wasm.setWasmPaths(new URL("./", import.meta.resolve(backend)).pathname);
  if (!await tf.setBackend("wasm")) throw new ToolError("failed", "its WASM backend does not start");
  await tf.ready();
  const left = tf.tensor(a.data, a.shape), right = tf.tensor(b.data, b.shape);
  return () => {
    const product = tf.matMul(left, right);
    product.dataSync();
    product.dispose();
  };
}

async function open([library = "", name = ""]: readonly string[]) {
  const workload = workloadNamed(name), a = workload.inputs["a"], b = workload.graph.initializers.get("b");
  if (a === undefined || b === undefined) {
    throw new ToolError("failed", `${name} is no product of two matrices`);
  }
  const run = await (library === "tfjs" ? tfProduct(a, b) : jaxProduct(a, b));
  return { sample: () => figureOf(workload, run), close: () => Promise.resolve() };
}

if (import.meta.main) await serveContender(open);
