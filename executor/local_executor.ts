/**
 * An executor in the same thread, over any engine: for simulation, for a browser tab, and inside a child process.
 *
 * @module
 */
import {
  bytesToHex,
  CHUNK_BYTES,
  chunkRoots,
  equalBytes,
  type Hash,
  phaseSegments,
  type Program,
  programSegments,
  stateRoot,
} from "../ledger/primitives/mod.ts";
import type { Engine } from "./engine.ts";
import { ExecutorError } from "./errors.ts";
import type { Executor, LoadedProgram, NodeOutputRequest, ProgramRequest, RunEvent } from "./executor.ts";
import {
  type BlobSource,
  blobSource,
  decodeManifest,
  entryOf,
  type OpenedProgram,
  openProgram,
} from "./program/mod.ts";
import {
  chunkNeeds,
  type Claim,
  createProgramMemory,
  createProgramRunner,
  dearestUnit,
  DEFAULT_MEMORY_LIMITS,
  executeChunk,
  executeNode,
  executeSums,
  judgeNode,
  locate,
  type MemoryLimits,
  outputEntries,
  phaseAt,
  programInputs,
  type ProgramMemory,
  type ProgramRunner,
  requireJudgeable,
  runProgram,
  type State,
  stateEntries,
  type StepEvent,
  sumNeeds,
  throwIfAborted,
} from "./run/mod.ts";
import { type Tensor, tensorBytes } from "./tensor.ts";

/** Options of {@link createLocalExecutor}. */
export interface LocalExecutorOptions {
  readonly memory?: MemoryLimits;
  /** What this executor claims instead of what it computes: for tests and demonstrations of cheats only. */
  readonly claim?: Claim;
}

/** Runs of a program, and what is remembered of them. */
interface Session {
  readonly runner: ProgramRunner;
  readonly memory: ProgramMemory;
}

/** A loaded program. Each of its sessions is there once somebody asked for what needs the program's data. */
interface Entry {
  readonly opened: OpenedProgram;
  readonly blobs: BlobSource;
  session?: Session | undefined;
  apart?: Session | undefined;
}

/** Makes an executor of an engine. Closing it closes the engine. */
export function createLocalExecutor(engine: Engine, options: LocalExecutorOptions = {}): Executor {
  const programs = new Map<string, Entry>();

  function entry(program: Hash): Entry {
    const found = programs.get(bytesToHex(program));
    if (found === undefined) {
      throw new ExecutorError(
        "bad_request",
        `The program ${bytesToHex(program)} is not loaded: call load with its files first.`,
      );
    }
    return found;
  }

  function session({ program, apart = false }: ProgramRequest) {
    const loaded = entry(program), which = apart ? "apart" : "session";
    const known = loaded[which] ?? begin(loaded);
    loaded[which] = known;
    return { opened: loaded.opened, ...known };
  }

  function begin({ opened, blobs }: Entry): Session {
    const runner = createProgramRunner(engine, opened, programInputs(opened, blobs), options.claim);
    return { runner, memory: createProgramMemory(runner, options.memory ?? DEFAULT_MEMORY_LIMITS) };
  }

  async function outputOf(
    { segment, step, node, output, ...request }: NodeOutputRequest,
    signal: AbortSignal,
  ): Promise<Tensor> {
    const { trace } = await session(request).memory.traceOf(segment, step, signal);
    const tensor = trace.nodeOutputs(node)[output];
    if (tensor !== undefined) return tensor;
    throw new ExecutorError("bad_request", `Node ${node} put out no tensor at position ${output}.`);
  }

  return {
    engine: () => Promise.resolve({ name: engine.name, kernelHash: engine.kernelHash }),

    load(files, { signal }) {
      return attempt(() => {
        throwIfAborted(signal);
        const blobs = blobSource(files.blobs);
        const opened = openProgram(decodeManifest(files.manifest), blobs);
        refuseOtherEngine(engine, opened.program);
        if (engine.recompute !== undefined) requireJudgeable(opened);
        const key = bytesToHex(opened.id);
        const known = programs.get(key);
        // A second load may bring blobs that the first one lacked.
        if (known?.session === undefined) {
          programs.set(key, {
            opened,
            blobs: (root) => blobs(root) ?? known?.blobs(root),
          });
        }
        return describe(opened);
      });
    },

    async unload({ program, apart = false }) {
      const loaded = entry(program), other = loaded.apart;
      loaded.apart = undefined;
      if (!apart) programs.delete(bytesToHex(program));
      await other?.runner.close();
      if (!apart) await loaded.session?.runner.close();
    },

    async run({ from, ...request }, { signal }, listener) {
      const { opened, runner, memory } = session(request);
      const roots: Hash[] = [];
      if (from !== undefined) memory.keepInput(from.segment, from.state);
      let state = from?.state ?? runner.initialState;
      const onStep = (event: StepEvent) => listener?.(stepEvent(opened, event));
      for await (
        const result of runProgram(runner, { signal, onStep, ...(from === undefined ? {} : { from }) })
      ) {
        if (locate(opened, result.segment).phase.mode === "carry") {
          memory.keepAfter(result.segment, result.state);
        }
        roots.push(result.root);
        state = result.state;
        await listener?.({ kind: "segment", segment: result.segment, root: result.root });
      }
      return {
        segmentRoots: roots,
        outputRoot: stateRoot(stateEntries(opened, state, runner.roots)),
        metric: metricOf(opened.program, state),
      };
    },

    async rehearse({ steps, ...request }, { signal }, listener) {
      const { opened, runner } = session(request);
      let segment = 0;
      for (const [index, phase] of opened.program.phases.entries()) {
        const first = segment;
        await runner.rehearse(index, Math.min(steps, phase.steps), signal, (step) => {
          const within = Math.floor(step / phase.segmentSteps);
          return listener?.({ kind: "step", segment: first + within, step, loss: null });
        });
        segment += phaseSegments(phase);
      }
    },

    restore({ segment, state, ...request }) {
      return attempt(() => session(request).memory.keepInput(segment, state));
    },

    async state({ segment, ...request }, { signal }) {
      const { opened, runner, memory } = session(request);
      if (segment !== programSegments(opened.program)) locate(opened, segment);
      const tensors = await memory.inputOf(segment, signal);
      return { entries: stateEntries(opened, tensors, runner.roots), tensors };
    },

    async output({ segment, step, ...request }, { signal }) {
      const { opened, runner, memory } = session(request);
      const { trace } = await memory.traceOf(segment, step, signal);
      const phase = phaseAt(opened, locate(opened, segment).phaseIndex);
      return { entries: outputEntries(phase, trace.outputs, runner.roots), tensors: trace.outputs };
    },

    async steps({ segment, ...request }, { signal }) {
      const { opened, runner, memory } = session(request);
      const { firstStep, phase } = locate(opened, segment);
      const input = await memory.inputOf(segment, signal);
      const { stepRoots, state } = await runner.runSegment(segment, input, { signal, everyStep: true });
      if (phase.mode === "carry") memory.keepAfter(segment, state); // an auditor's own segment starts from it
      return { firstStep, roots: stepRoots };
    },

    async trace({ segment, step, ...request }, { signal }) {
      const { opened, runner, memory } = session(request);
      const { input, trace } = await memory.traceOf(segment, step, signal);
      const phase = phaseAt(opened, locate(opened, segment).phaseIndex);
      return {
        input: stateEntries(opened, input, runner.roots),
        nodes: trace.leaves,
        outputs: outputEntries(phase, trace.outputs, runner.roots),
      };
    },

    async nodeInputs({ segment, step, node, ...request }, { signal }) {
      const { opened, memory } = session(request);
      const { trace } = await memory.traceOf(segment, step, signal);
      const { nodes } = phaseAt(opened, locate(opened, segment).phaseIndex);
      const inputs = trace.nodeInputs(node);
      return inputs.map((tensor, i) => nodes[node]?.inputs[i]?.kind === "constant" ? null : tensor ?? null);
    },

    async executeNode({ program, phase, node, inputs, claimed, secret }, { signal }) {
      throwIfAborted(signal);
      const { opened } = entry(program);
      const given = inputs.map((tensor) => tensor ?? undefined);
      const opens = phaseAt(opened, phase);
      return claimed === undefined
        ? await executeNode(engine, opens, node, given)
        : await judgeNode(engine, opens, node, given, claimed, secret);
    },

    async nodeOutput(request, { signal }) {
      const tensor = await outputOf(request, signal);
      const { dtype, shape } = tensor;
      return { dtype, shape, chunkRoots: chunkRoots(tensorBytes(tensor)) };
    },

    async nodeChunk(request, { signal }) {
      const { chunk } = request, bytes = tensorBytes(await outputOf(request, signal));
      const start = chunk * CHUNK_BYTES;
      if (!Number.isInteger(chunk) || chunk < 0 || start >= bytes.length) {
        throw new ExecutorError("bad_request", `The output has ${bytes.length} bytes: no chunk ${chunk}.`);
      }
      return bytes.slice(start, start + CHUNK_BYTES);
    },

    chunkNeeds(request, { signal }) {
      return attempt(() => {
        throwIfAborted(signal);
        return chunkNeeds(engine, phaseAt(entry(request.program).opened, request.phase), request);
      });
    },

    async executeChunk(request, { signal }) {
      throwIfAborted(signal);
      return await executeChunk(engine, phaseAt(entry(request.program).opened, request.phase), request);
    },

    dearestUnit({ program, cap }, { signal }) {
      return attempt(() => {
        throwIfAborted(signal);
        return dearestUnit(engine, entry(program).opened.phases, cap) ?? null;
      });
    },

    sumNeeds(request, { signal }) {
      return attempt(() => {
        throwIfAborted(signal);
        const [work] = request.works;
        if (work === undefined) throw new ExecutorError("bad_request", "No work is named: name one.");
        return sumNeeds(engine, phaseAt(entry(request.program).opened, request.phase), request, work);
      });
    },

    executeSums(request, { signal }) {
      return attempt(() => {
        throwIfAborted(signal);
        return executeSums(engine, phaseAt(entry(request.program).opened, request.phase), request);
      });
    },

    async close() {
      for (const { session, apart } of programs.values()) {
        await session?.runner.close();
        await apart?.runner.close();
      }
      programs.clear();
      await engine.close();
    },
  };
}

/** Makes what a synchronous body throws a rejection: callers of an asynchronous interface look for errors in one place. */
function attempt<T>(body: () => T): Promise<T> {
  return new Promise((resolve) => resolve(body()));
}

/** A program's commitments hold for one engine and no other. */
function refuseOtherEngine(engine: Engine, program: Program): void {
  if (program.engine === engine.name && equalBytes(program.engineHash, engine.kernelHash)) return;
  throw new ExecutorError(
    "engine_unavailable",
    `The program asks for the engine ${program.engine} with kernel hash ${
      bytesToHex(program.engineHash)
    }: this executor has ` +
      `${engine.name} with ${bytesToHex(engine.kernelHash)}.`,
  );
}

function describe(opened: OpenedProgram): LoadedProgram {
  return {
    id: opened.id,
    program: opened.program,
    phases: opened.phases.map(({ graph, nodes, outputs }) => ({
      nodes,
      outputs,
      labels: graph.nodes.map(({ name, operator }) => ({ name, operator })),
    })),
    data: opened.data.map(entryOf),
    state: opened.state.map(entryOf),
  };
}

/** Name of the scalar that training steps report for the curve that people watch. */
const LOSS = "loss";

function stepEvent(opened: OpenedProgram, { segment, phase, step, outputs }: StepEvent): RunEvent {
  const at = phaseAt(opened, phase).outputs.findIndex(({ name }) => name === LOSS);
  const value = outputs[at]?.data[0];
  return { kind: "step", segment, step, loss: typeof value === "number" ? value : null };
}

function metricOf({ metric }: Program, state: State): bigint | null {
  const value = metric === null ? undefined : state[metric.index]?.data[0];
  return typeof value === "bigint" ? value : null;
}
