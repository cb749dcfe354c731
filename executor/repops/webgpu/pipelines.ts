/**
 * Pipelines of shaders on one device.
 *
 * @module
 */
import { ExecutorError } from "../../errors.ts";
import type { Gpu } from "./gpu.ts";
import { PARAMETER_BYTES, type Shader } from "./shader/shader.ts";

/** `GPUShaderStage.COMPUTE`. */
const COMPUTE_STAGE = 0x4;

/** Makes pipelines. */
export interface Pipelines {
  /**
   * Compiles one text of a shader.
   *
   * @throws {ExecutorError} `engine_unavailable` if the adapter does not take it.
   */
  compile(shader: Shader, text: string): Promise<GPUComputePipeline>;
  /** Binds a dispatch's buffers. */
  bind(
    shader: Shader,
    parameters: { readonly buffer: GPUBuffer; readonly offset: number },
    buffers: readonly GPUBufferBinding[],
  ): GPUBindGroup;
}

/** Makes pipelines on a device. Shaders with as many inputs and outputs share a layout. */
export function createPipelines({ device, name: adapter }: Gpu): Pipelines {
  const layouts = new Map<string, GPUBindGroupLayout>();
  const layoutOf = ({ inputs, outputs }: Shader): GPUBindGroupLayout => {
    const key = `${inputs} ${outputs}`;
    const known = layouts.get(key);
    if (known) return known;
    const types: readonly GPUBufferBindingType[] = [
      "uniform",
      ...new Array<GPUBufferBindingType>(inputs).fill("read-only-storage"),
      ...new Array<GPUBufferBindingType>(outputs).fill("storage"),
    ];
    const entries = types.map((type, binding) => ({ binding, visibility: COMPUTE_STAGE, buffer: { type } }));
    const layout = device.createBindGroupLayout({ entries });
    layouts.set(key, layout);
    return layout;
  };
  return {
    compile: async (shader, text) => {
      device.pushErrorScope("validation");
      const pipeline = device.createComputePipeline({
        label: shader.name,
        layout: device.createPipelineLayout({ bindGroupLayouts: [layoutOf(shader)] }),
        compute: {
          module: device.createShaderModule({ label: shader.name, code: text }),
          entryPoint: "main",
        },
      });
      const error = await device.popErrorScope();
      if (!error) return pipeline;
      throw new ExecutorError(
        "engine_unavailable",
        `The adapter ${adapter} does not compile the pipeline "${shader.name}": ${error.message}`,
      );
    },
    bind: (shader, { buffer, offset }, buffers) =>
      device.createBindGroup({
        layout: layoutOf(shader),
        entries: [
          { binding: 0, resource: { buffer, offset, size: PARAMETER_BYTES } },
          ...buffers.map((resource, i) => ({ binding: i + 1, resource })),
        ],
      }),
  };
}
