/**
 * Which operators run on the GPU.
 *
 * @module
 */
import { compositeOperators } from "../plan/mod.ts";
import { operatorNames } from "../reference/mod.ts";
import { shaderOperators } from "./operators/mod.ts";

/** Operators by where they run. */
export interface Coverage {
  /** Operators with shaders, for the forms that people use; a session's `withoutKernel` tells of nodes in other forms. */
  readonly onGpu: readonly string[];
  /** Operators that move no element: another shape over the same buffer. */
  readonly free: readonly string[];
  /** Operators without shaders that the planner writes as others, in all or some of their forms. */
  readonly composite: readonly string[];
  /** Operators that always go to the WebAssembly kernels, between a read-back and an upload, unless they are known at load. */
  readonly onHost: readonly string[];
}

/** Operators that the planner turns into another view of the same elements. */
const FREE = ["Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity"];

/** Where each operator of repops runs on this backend. */
export function coverage(): Coverage {
  const onGpu = shaderOperators();
  const composite = compositeOperators().filter((name) => !onGpu.includes(name));
  const elsewhere = new Set([...onGpu, ...FREE, ...composite]);
  const onHost = operatorNames().filter((name) => !elsewhere.has(name)).sort();
  return { onGpu, free: FREE, composite, onHost };
}
