/**
 * What an engine is: something that computes graphs, always with the same bits.
 *
 * @module
 */
import type { Hash } from "../ledger/primitives/mod.ts";
import type { TypedGraph } from "./graph.ts";
import type { RandomAccess } from "./random_access.ts";
import type { Tensor } from "./tensor.ts";

/** Named tensors. */
export type Tensors = Readonly<Record<string, Tensor>>;

/** What a step of a graph leaves for the next one: inputs by name, and the output that each becomes. */
export type Carry = Readonly<Record<string, string>>;

/** A step whose state stays in the engine. */
export interface StepOrder {
  /** Inputs that change. Others keep what an earlier step gave them or left in them. */
  readonly inputs: Tensors;
  /** Names of the outputs to hand out. */
  readonly read: readonly string[];
}

/** A graph made ready to run. Close it when done: engines hold memory outside the garbage collector's reach. */
export interface Session {
  /**
   * Computes the graph's outputs.
   *
   * @param inputs One tensor for each graph input, of exactly its type and shape.
   * @throws {ExecutorError} `bad_tensor`, `engine_failed`.
   */
  run(inputs: Tensors): Promise<Tensors>;
  /**
   * Computes once, and carries over what the graph was loaded with. Absent where the engine keeps no state, or where none was named.
   *
   * @throws {ExecutorError} As {@link Session.run}; `bad_request` for a name that the graph does not have, or an input that was not given
   * since the graph was loaded or `run`.
   */
  readonly step?: (order: StepOrder) => Promise<Tensors>;
  close(): Promise<void>;
}

/** Computes graphs. Two engines of one name and kernel hash give the same bits for the same graph and inputs, on any machine. */
export interface Engine {
  /** For example `ort-strict` or `repops`. */
  readonly name: string;
  /** Hash of everything that defines the engine's bits (kernels, version); part of every commitment. */
  readonly kernelHash: Hash;
  /**
   * Prepares a graph. Which of its values are outputs does not change the bits of any of them.
   *
   * @param carry What its steps carry over: empty for one that only keeps inputs. An engine that cannot keep a state ignores it.
   * @throws {ExecutorError} `unsupported_operator` naming node and operator, `bad_shape`, `engine_unavailable`; `bad_request` for a
   * carried output that is of another type than its input.
   */
  load(graph: TypedGraph, carry?: Carry): Promise<Session>;
  /**
   * For an engine whose bits depend on the device: what recomputes its nodes in a dispute, with the same bits on every machine. A claim is then
   * compared within a bound (see `tolerance/`). Absent where claims are compared to the bit.
   */
  readonly recompute?: Pick<Engine, "load">;
  /** Computes parts of outputs alone; absent where the engine computes whole nodes only. */
  readonly randomAccess?: RandomAccess;
  close(): Promise<void>;
}
