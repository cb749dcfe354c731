/**
 * ONNX Runtime as people use it, on one thread with all its optimisations, at a workload. Arguments: PACKAGE WORKLOAD.
 *
 * The package is `onnxruntime-web/wasm` or `npm:onnxruntime-node@VERSION`. It is imported by a name computed at run time: nobody who
 * does not run benchmarks shall have to install the native one, which is large.
 *
 * @module
 */
import type * as Runtime from "onnxruntime-web/wasm";
import { buildModel, type Tensor, type Tensors } from "../../../executor/mod.ts";
import { serveContender } from "../serve_contender.ts";
import { figureOf } from "./figure.ts";
import { workloadNamed } from "./workloads.ts";

type OrtTensors = Record<string, Runtime.Tensor>;

/** Errors only: both builds like to warn. */
const ERRORS_ONLY = 3;

async function open([packageName = "", name = ""]: readonly string[]) {
  const runtime: Pick<typeof Runtime, "InferenceSession" | "Tensor" | "env"> = await import(packageName);
  const native = packageName.includes("onnxruntime-node"), workload = workloadNamed(name);
  runtime.env.logLevel = "error";
  if (!native) runtime.env.wasm.numThreads = 1;
  const session = await runtime.InferenceSession.create(buildModel(workload.graph), {
    executionProviders: [native ? "cpu" : "wasm"],
    graphOptimizationLevel: "all",
    logSeverityLevel: ERRORS_ONLY,
    ...(native ? { intraOpNumThreads: 1, interOpNumThreads: 1 } : {}),
  });
  const toOrt = ({ dtype, data, shape }: Tensor) => {
    if (dtype === "bfloat16") throw new TypeError("ONNX Runtime's JavaScript takes no bfloat16");
    return new runtime.Tensor(dtype, data, shape);
  };
  const convert = (tensors: Tensors): OrtTensors =>
    Object.fromEntries(Object.entries(tensors).map(([key, tensor]) => [key, toOrt(tensor)]));
  // What one run puts out goes into the next as it is: conversion is no part of the peer's work. On WebAssembly and the processor its
  // interface has nothing that would keep a state inside: outputs that are given beforehand are copied in, and not back.
  const { carry = {} } = workload;
  let feeds = convert(workload.inputs);
  return {
    sample: () =>
      figureOf(workload, async () => {
        const outputs = await session.run(feeds);
        const moved = Object.entries(carry).flatMap(([input, output]) => {
          const value = outputs[output];
          return value === undefined ? [] : [[input, value] as const];
        });
        feeds = { ...feeds, ...Object.fromEntries(moved) };
      }),
    close: () => session.release(),
  };
}

if (import.meta.main) await serveContender(open);
