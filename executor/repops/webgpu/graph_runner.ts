/**
 * A lowered graph in buffers: uploads, submissions, read-backs.
 *
 * @module
 */
import type { Gpu } from "./gpu.ts";
import { USAGE } from "./gpu.ts";
import { assignBuffers } from "./assign_buffers.ts";
import type { HostNode } from "./host_nodes.ts";
import type { Lowered } from "./lower.ts";
import { type Dispatch, whole } from "./operators/mod.ts";
import type { Pipelines } from "./pipelines.ts";
import { PARAMETER_BYTES, type Shader } from "./shader/shader.ts";
import { windowWords } from "./shader/windowed.ts";

/** Most workgroups along one dimension of a dispatch. */
const MOST_WORKGROUPS = 65535;
/**
 * Steps of one dispatch. A slow integrated GPU does some 2^37 of them in a second, and display servers stop what holds a GPU for two
 * seconds without a chance to take turns.
 */
const MOST_STEPS = 2 ** 33;

/** A part of a run: work for the GPU, or one node on the host. */
type Segment =
  | { readonly kind: "gpu"; readonly dispatches: readonly Dispatch[] }
  | { readonly kind: "host"; readonly node: HostNode };

/** Words for a storage. `canonicalize` if they are floats as they came in. */
export interface Upload {
  readonly storage: number;
  readonly words: ArrayBufferView<ArrayBuffer>;
  readonly canonicalize: boolean;
}

/** What to do in one run. */
export interface RunOrder {
  readonly uploads: readonly Upload[];
  /** Storages to read afterwards, and how many words of each. */
  readonly reads: readonly { readonly storage: number; readonly words: number }[];
  /** Storages to copy over others afterwards, and how many words: all at once, as it were, also where one is read and written. */
  readonly carries: readonly { readonly from: number; readonly to: number; readonly words: number }[];
}

/** A graph that can be run again and again, one run at a time. */
export interface GraphRunner {
  /** @throws {ExecutorError} `engine_failed` if the device is lost or complains. */
  run(order: RunOrder): Promise<readonly Uint32Array<ArrayBuffer>[]>;
  close(): void;
}

/** Gives the pipeline that a shader is to run as. */
export type PipelineOf = (shader: Shader) => GPUComputePipeline;

/** The shaders that a lowered graph needs. */
export function shadersOf(lowered: Lowered): readonly Shader[] {
  const dispatches = [...lowered.incoming, ...lowered.steps.flatMap((step) => step.dispatches ?? [])];
  return [...new Map(dispatches.map(({ shader }) => [shader.name, shader])).values()];
}

/** Makes buffers and bindings for a graph. */
export function prepareRunner(
  gpu: Gpu,
  pipelines: Pipelines,
  pipelineOf: PipelineOf,
  lowered: Lowered,
  hostNodes: readonly HostNode[],
): GraphRunner {
  const { device } = gpu;
  const { sizes, bufferOf } = assignBuffers(lowered.slots);
  const usage = USAGE.storage | USAGE.copySource | USAGE.copyTarget;
  const buffers = sizes.map((words) => gpu.buffer(words, usage));
  const owned = [...buffers];
  const own = (words: number, bits: number): GPUBuffer => {
    const buffer = gpu.buffer(words, bits);
    owned.push(buffer);
    return buffer;
  };
  const bufferAt = (slot: number): GPUBuffer => {
    const buffer = buffers[bufferOf[slot] ?? -1];
    if (buffer) return buffer;
    throw new RangeError(`slot ${slot} has no buffer`);
  };
  lowered.slots.forEach(({ known, words }, slot) => {
    if (known && words > 0) device.queue.writeBuffer(bufferAt(slot), 0, known);
  });
  const segments = segmentsOf(lowered, hostNodes);
  const inputs = new Set(lowered.plan.inputs.map((name) => lowered.plan.values.get(name)?.storage ?? -1));
  const incoming = lowered.incoming.filter(({ outputs: [storage = -1] }) => inputs.has(storage));
  const wordsOf = (slot: number) => lowered.slots[slot]?.words ?? 0;
  const commands = recordable(gpu, pipelines, pipelineOf, bufferAt, wordsOf, own, [
    ...incoming,
    ...segments.flatMap((segment) => (segment.kind === "gpu" ? segment.dispatches : [])),
  ]);
  let staging: GPUBuffer | undefined;
  const stagingFor = (words: number): GPUBuffer => {
    if (!staging || staging.size < words * 4) {
      staging?.destroy();
      staging = gpu.buffer(words, USAGE.mapRead | USAGE.copyTarget);
    }
    return staging;
  };

  const apart = new Map<number, GPUBuffer>();
  /** What a storage holds, kept from the copies that overwrite it. */
  const keptApart = (encoder: GPUCommandEncoder, { from, words }: RunOrder["carries"][number]): GPUBuffer => {
    const kept = apart.get(from) ?? own(words, USAGE.copySource | USAGE.copyTarget);
    apart.set(from, kept);
    encoder.copyBufferToBuffer(bufferAt(from), 0, kept, 0, words * 4);
    return kept;
  };
  const carryOver = (encoder: GPUCommandEncoder, carries: RunOrder["carries"]) => {
    const written = new Set(carries.map(({ to }) => to));
    const copies = carries.filter(({ words }) => words > 0).map((carry) => ({
      ...carry,
      source: written.has(carry.from) ? keptApart(encoder, carry) : bufferAt(carry.from),
    }));
    for (const { source, to, words } of copies) {
      encoder.copyBufferToBuffer(source, 0, bufferAt(to), 0, words * 4);
    }
  };

  /** Ends an encoder with copies of storages, submits it, and waits for the words. */
  const readBack = async (
    encoder: GPUCommandEncoder,
    reads: RunOrder["reads"],
  ): Promise<readonly Uint32Array<ArrayBuffer>[]> => {
    const total = reads.reduce((sum, { words }) => sum + words, 0);
    const target = stagingFor(total);
    let at = 0;
    for (const { storage, words } of reads) {
      if (words > 0) encoder.copyBufferToBuffer(bufferAt(storage), 0, target, at * 4, words * 4);
      at += words;
    }
    device.queue.submit([encoder.finish()]);
    const all = await gpu.read(target, total);
    at = 0;
    return reads.map(({ words }) => {
      at += words;
      return all.slice(at - words, at);
    });
  };

  return {
    run: async ({ uploads, reads, carries }) => {
      gpu.throwIfBroken();
      let encoder = device.createCommandEncoder();
      for (const { storage, words } of uploads) {
        if (words.byteLength > 0) device.queue.writeBuffer(bufferAt(storage), 0, words);
      }
      const raw = new Set(uploads.flatMap(({ storage, canonicalize }) => (canonicalize ? [storage] : [])));
      commands.record(encoder, incoming.filter(({ outputs }) => raw.has(outputs[0] ?? -1)));
      for (const segment of segments) {
        if (segment.kind === "gpu") {
          commands.record(encoder, segment.dispatches);
          continue;
        }
        const results = segment.node.run(await readBack(encoder, segment.node.reads));
        encoder = device.createCommandEncoder();
        segment.node.writes.forEach(({ storage }, i) => {
          const words = results[i];
          if (words && words.length > 0) device.queue.writeBuffer(bufferAt(storage), 0, words);
        });
      }
      // Read-backs come before what is carried over, which may overwrite what was asked for.
      if (reads.length === 0) {
        carryOver(encoder, carries);
        device.queue.submit([encoder.finish()]);
        return [];
      }
      const results = await readBack(encoder, reads);
      if (carries.length > 0) {
        encoder = device.createCommandEncoder();
        carryOver(encoder, carries);
        device.queue.submit([encoder.finish()]);
      }
      return results;
    },
    close: () => {
      for (const buffer of owned) buffer.destroy();
      staging?.destroy();
    },
  };
}

function segmentsOf(lowered: Lowered, hostNodes: readonly HostNode[]): readonly Segment[] {
  const segments: Segment[] = [];
  let next = 0;
  let dispatches: Dispatch[] = [];
  const flush = () => {
    if (dispatches.length > 0) segments.push({ kind: "gpu", dispatches });
    dispatches = [];
  };
  for (const step of lowered.steps) {
    const node = step.dispatches ? undefined : hostNodes[next++];
    if (step.dispatches) dispatches.push(...step.dispatches);
    if (!node) continue;
    flush();
    segments.push({ kind: "host", node });
  }
  flush();
  return segments;
}

/** Dispatches whose pipelines and bindings are ready. */
interface Commands {
  record(encoder: GPUCommandEncoder, dispatches: readonly Dispatch[]): void;
}

/** A piece of a dispatch that is short enough. */
interface Piece {
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
  readonly workgroups: number;
}

function recordable(
  gpu: Gpu,
  pipelines: Pipelines,
  pipelineOf: PipelineOf,
  bufferAt: (slot: number) => GPUBuffer,
  wordsOf: (slot: number) => number,
  own: (words: number, usage: number) => GPUBuffer,
  dispatches: readonly Dispatch[],
): Commands {
  const cuts = dispatches.map((dispatch) => ({ dispatch, firsts: firstWorkgroups(dispatch) }));
  const count = cuts.reduce((sum, { firsts }) => sum + firsts.length, 0);
  const words = new Uint32Array((count * PARAMETER_BYTES) / 4);
  const uniform = own(words.length, USAGE.uniform | USAGE.copyTarget);
  const pieces = new Map<Dispatch, readonly Piece[]>();
  let at = 0;
  for (const { dispatch, firsts } of cuts) {
    const { shader, inputs, outputs, parameters, workgroups } = dispatch;
    const windows = dispatch.windows ?? [...inputs, ...outputs].map((slot) => whole(wordsOf(slot)));
    const bound = [...inputs, ...outputs].map((slot, i) => {
      const { first = 0, words = 0, at = first } = windows[i] ?? {};
      return { buffer: bufferAt(slot), offset: at * 4, size: Math.max(words, 1) * 4 };
    });
    const given = windowWords(windows.slice(0, inputs.length), windows.slice(inputs.length));
    const made = firsts.map((first, i): Piece => {
      words.set(parameters, (at * PARAMETER_BYTES) / 4);
      for (const [word, value] of given) words[(at * PARAMETER_BYTES) / 4 + word] = value;
      words[(at * PARAMETER_BYTES) / 4 + 2] = (dispatch.first ?? 0) + first;
      const group = pipelines.bind(shader, { buffer: uniform, offset: at * PARAMETER_BYTES }, bound);
      at++;
      return { pipeline: pipelineOf(shader), group, workgroups: (firsts[i + 1] ?? workgroups) - first };
    });
    pieces.set(dispatch, made);
  }
  if (count > 0) gpu.device.queue.writeBuffer(uniform, 0, words);
  return {
    record: (encoder, wanted) => {
      if (wanted.length === 0) return;
      const pass = encoder.beginComputePass();
      for (const dispatch of wanted) {
        for (const { pipeline, group, workgroups } of pieces.get(dispatch) ?? []) {
          pass.setPipeline(pipeline);
          pass.setBindGroup(0, group);
          pass.dispatchWorkgroups(workgroups);
        }
      }
      pass.end();
    },
  };
}

/** Where the pieces of a dispatch start. */
function firstWorkgroups({ workgroups, stepsEach }: Dispatch): readonly number[] {
  const each = Math.max(1, Math.min(MOST_WORKGROUPS, Math.floor(MOST_STEPS / Math.max(1, stepsEach))));
  return Array.from({ length: Math.ceil(workgroups / each) }, (_, i) => i * each);
}
