/**
 * The executor against what people would use instead, each in a process of its own, on one thread, in processor time.
 *
 * @module
 */
import type { Area, Bench, OpenContender, Row } from "./bench.ts";
import { childContender } from "./child_contender.ts";

/** Engines read their packages, and look at a few variables of the environment. */
const PERMISSIONS = ["--allow-read", "--allow-env", "--allow-sys"];

/**
 * Peers that only benchmarks install: named with their versions where they are imported, not in the project's own map and lock, since
 * everything that stands there is downloaded before any task runs.
 */
const INSTALLED_HERE = [...PERMISSIONS, "--no-lock"];

const ORT_WEB = "onnxruntime-web", ORT_NODE = "onnxruntime-node";

/** Array libraries for the web. */
const ARRAY_LIBRARIES = ["jax-js", "tfjs"] as const;

function child(file: string, args: readonly string[], permissions = PERMISSIONS): OpenContender {
  return childContender({ module: new URL(`executor/${file}`, import.meta.url), args, permissions });
}

const engine = (name: string, workload: string) => child("engine_child.ts", [name, workload]);
const ortWeb = (workload: string) => child("ort_peer_child.ts", ["onnxruntime-web/wasm", workload]);
const ortNode = (workload: string) =>
  child("ort_peer_child.ts", ["npm:onnxruntime-node@1.30.0", workload], [...INSTALLED_HERE, "--allow-ffi"]);

/** What a workload's engines are to reach against onnxruntime-web. */
interface Targets {
  readonly repops: number;
  readonly highest?: number;
}

/** The promise for whole models and products: a task may also choose `highest`, for which only products have one. */
const PRODUCT: Targets = { repops: 1.6, highest: 1.3 }, STEP: Targets = { repops: 1.6 };
const INFERENCE: Targets = { repops: 1.4 }, OPERATOR: Targets = { repops: 1 };

function against(name: string, ours: string, peer: string, target?: number): Row {
  return { name, ours, peer, ...(target === undefined ? {} : { target }) };
}

/** Products and models: both precisions, ort-strict, the array libraries, and the native ceiling. */
function modelBench(workload: string, unit: string, targets: Targets): Bench {
  const libraries = ARRAY_LIBRARIES.map((name) =>
    [name, child("peers/array_peer_child.ts", [name, workload], INSTALLED_HERE)] as const
  );
  return {
    name: workload,
    unit,
    better: "more",
    entrants: {
      "repops high": engine("repops", workload),
      "repops highest": engine("repops-highest", workload),
      "ort-strict": engine("ort-strict", workload),
      [ORT_WEB]: ortWeb(workload),
      ...Object.fromEntries(libraries),
      [ORT_NODE]: ortNode(workload),
    },
    rows: [
      against(`${workload}, repops high`, "repops high", ORT_WEB, targets.repops),
      against(`${workload}, repops highest`, "repops highest", ORT_WEB, targets.highest),
      against(`${workload}, ort-strict`, "ort-strict", ORT_WEB),
      ...[...ARRAY_LIBRARIES, ORT_NODE].map((peer) =>
        against(`${workload}, repops high`, "repops high", peer)
      ),
    ],
  };
}

/** One operator: precision makes no difference outside products. */
function operatorBench(workload: string): Bench {
  return {
    name: workload,
    unit: "runs/s",
    better: "more",
    entrants: {
      repops: engine("repops", workload),
      [ORT_WEB]: ortWeb(workload),
      [ORT_NODE]: ortNode(workload),
    },
    rows: [
      against(`${workload} 1024x1024`, "repops", ORT_WEB, OPERATOR.repops),
      against(`${workload} 1024x1024`, "repops", ORT_NODE),
    ],
  };
}

/** A product of 8-bit integers, with the quantisation around it. */
function quantisedBench(workload: string): Bench {
  const { entrants, rows, ...rest } = operatorBench(workload);
  return { ...rest, entrants, rows: rows.map((row) => ({ ...row, name: workload })), unit: "GOP/s" };
}

const ORT_WEBGPU = "onnxruntime-web WebGPU";

/** The promise on WebGPU, for both precisions: products, and whole models. */
const GPU_PRODUCT = 1.3, GPU_MODEL = 1;

/**
 * A workload on this machine's adapter, by the clock: what a GPU does is nobody's processor time. On a machine whose adapter is
 * software both sides compute on its cores, and the ratio says little of a GPU's.
 */
function webgpuBench(workload: string, unit: string, target: number): Bench {
  const name = `${workload} on WebGPU`;
  const on = (library: string) => child("webgpu_child.ts", [library, workload]);
  return {
    name,
    unit,
    better: "more",
    entrants: {
      "repops high": on("repops"),
      "repops highest": on("repops-highest"),
      [ORT_WEBGPU]: on("onnxruntime-web"),
    },
    rows: [
      against(`${name}, repops high`, "repops high", ORT_WEBGPU, target),
      against(`${name}, repops highest`, "repops highest", ORT_WEBGPU),
    ],
  };
}

const OPERATORS = [
  "Add",
  "Relu",
  "Exp",
  "Erf",
  "Tanh",
  "Sqrt",
  "Softmax",
  "LayerNormalization",
  "ReduceSum",
  "Transpose",
  "Gather",
  "CumSum",
  "TopK",
  "QuantizeLinear",
];

/** Committing at the default interval may cost a twentieth of the speed. */
const COMMITTED = 0.95;

/** Training as a provider does it, against the same steps on the engine without an executor around it. */
function commitmentBench(training: string, engineName: string): Bench {
  const name = `${training} training with commitments, ${engineName}`, alone = `${engineName} alone`;
  return {
    name,
    unit: "steps/s",
    better: "more",
    entrants: {
      committing: child("training_child.ts", [engineName, training]),
      [alone]: engine(engineName, `${training} step`),
    },
    rows: [against(name, "committing", alone, COMMITTED)],
  };
}

/** What a second core is to bring where products are most of the work. */
const TWO_THREADS = 1.6;

/**
 * What a second thread brings on this machine at all: the inner loop of products on operands that stay in the nearest cache, in two workers
 * that share nothing, against one. Where cores are halves of one, it is far from 2, and no engine can have more.
 */
function coresBench(): Bench {
  const [one, two] = [1, 2].map((threads) => child("cores_child.ts", [String(threads)]));
  return {
    name: "this machine's cores, two threads",
    unit: "GFLOP/s",
    better: "more",
    entrants: { ...(one && { "one thread": one }), ...(two && { "two threads": two }) },
    rows: [against("this machine's cores, two threads", "two threads", "one thread")],
  };
}

/** Two threads against one, on the clock: processor time does not show it. */
function threadsBench(workload: string, unit: string): Bench {
  const [one, two] = [1, 2].map((threads) => child("engine_child.ts", ["repops", workload, String(threads)]));
  const name = `${workload}, two threads`;
  return {
    name,
    unit,
    better: "more",
    entrants: { ...(one && { "one thread": one }), ...(two && { "two threads": two }) },
    rows: [against(name, "two threads", "one thread", TWO_THREADS)],
  };
}

/** See the module. */
export function executorArea(): Area {
  return {
    name: "executor",
    summary: "engines on one thread and on WebGPU against the same graphs elsewhere; what commitments cost",
    benches: [
      ...["MatMul 256", "MatMul 512", "MatMul 1024"].map((name) => modelBench(name, "GFLOP/s", PRODUCT)),
      ...OPERATORS.map(operatorBench),
      quantisedBench("MatMulInteger 512"),
      ...["MLP step", "CNN step", "char-LM step"].map((name) => modelBench(name, "steps/s", STEP)),
      ...["encoder", "ResNet"].map((name) => modelBench(name, "runs/s", INFERENCE)),
      coresBench(),
      threadsBench("MatMul 1024", "GFLOP/s"),
      ...["MLP step", "CNN step", "char-LM step"].map((name) => threadsBench(name, "steps/s")),
      ...["encoder", "ResNet"].map((name) => threadsBench(name, "runs/s")),
      ...["MLP", "CNN", "char-LM"].map((name) => commitmentBench(name, "repops")),
      ...["MatMul 256", "MatMul 512", "MatMul 1024"].map((name) => webgpuBench(name, "GFLOP/s", GPU_PRODUCT)),
      ...["MLP step", "CNN step", "char-LM step"].map((name) => webgpuBench(name, "steps/s", GPU_MODEL)),
      ...["encoder", "ResNet"].map((name) => webgpuBench(name, "runs/s", GPU_MODEL)),
    ],
  };
}
