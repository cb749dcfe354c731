/**
 * What a shader is to the rest: a name, its bindings, and its text.
 *
 * Binding 0 is the uniform `P`, 32 vectors of 4 words, whose first word is 0; then come the inputs, named `I0`, `I1`, ...,
 * and the outputs, named `O0`, `O1`, .... All are arrays of `u32`.
 *
 * @module
 */
import type { Tensors } from "../../../engine.ts";
import type { TypedGraph } from "../../../graph.ts";
import { functionsFor } from "./functions.ts";

/** Vectors of four words in the uniform. */
export const PARAMETER_VECTORS = 32;
/** Bytes of the uniform: also a multiple of the strictest alignment that WebGPU allows (256). */
export const PARAMETER_BYTES = PARAMETER_VECTORS * 16;

/** A compute shader. Two of one name are the same. */
export interface Shader {
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  /** Texts, the fastest first: the first one that has the bits on an adapter is used there. */
  readonly texts: readonly string[];
  /** What it is tested on, if that does not follow from its name. */
  probe?(): { readonly graph: TypedGraph; readonly inputs: Tensors };
}

/** What a shader consists of. */
export interface ShaderParts {
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  /** Threads of a workgroup. */
  readonly threads: number;
  /** Declarations of its own: workgroup memory, functions. */
  readonly declarations?: string;
  /** Statements of `main`: `group` is the workgroup's number, `thread` the thread's number in it. */
  readonly body: string;
}

/** Writes a shader. */
export function defineShader(parts: ShaderParts): Shader {
  return { name: parts.name, inputs: parts.inputs, outputs: parts.outputs, texts: [textOf(parts)] };
}

/** A shader with several texts that compute the same: the fastest first. */
export function defineVariants(parts: ShaderParts, ...others: readonly ShaderParts[]): Shader {
  return { ...defineShader(parts), texts: [parts, ...others].map(textOf) };
}

function textOf({ inputs, outputs, threads, declarations = "", body }: ShaderParts): string {
  const bindings = [
    `@group(0) @binding(0) var<uniform> P: array<vec4<u32>, ${PARAMETER_VECTORS}>;`,
    ...Array.from(
      { length: inputs },
      (_, i) => `@group(0) @binding(${1 + i}) var<storage, read> I${i}: array<u32>;`,
    ),
    ...Array.from(
      { length: outputs },
      (_, i) => `@group(0) @binding(${1 + inputs + i}) var<storage, read_write> O${i}: array<u32>;`,
    ),
  ];
  return `${bindings.join("\n")}
${functionsFor(declarations + body)}
${declarations}
@compute @workgroup_size(${threads})
fn main(
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(local_invocation_index) thread: u32,
) {
  let group = P[0].z + workgroup.x;
${body}
}
`;
}
