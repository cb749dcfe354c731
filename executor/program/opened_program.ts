/**
 * A program as its executors see it: the graphs parsed, every node described, everything checked against the roots that the
 * ledger knows.
 *
 * @module
 */
import type {
  Hash,
  NodeDescriptor,
  OutputDescriptor,
  Phase,
  Program,
  TensorHeader,
} from "../../ledger/primitives/mod.ts";
import type { TypedGraph } from "../graph.ts";

/** A tensor of the initial state or of the data: its name, and what its root is the hash of. */
export interface NamedHeader {
  readonly name: string;
  readonly header: TensorHeader;
}

/** One phase, ready to be executed, disputed or arbitrated. */
export interface OpenedPhase {
  readonly phase: Phase;
  /** One step. Nodes stand in the order that {@link OpenedPhase.nodes} and every trace use. */
  readonly graph: TypedGraph;
  /** Descriptor of each node of `graph`, by position. */
  readonly nodes: readonly NodeDescriptor[];
  /** `carry`: the tensors of the next state, in the state's order; `map`: the step's outputs. */
  readonly outputs: readonly OutputDescriptor[];
}

/** A program whose graphs are at hand and agree with its roots. */
export interface OpenedProgram {
  readonly program: Program;
  /** Identity of `program`. */
  readonly id: Hash;
  readonly phases: readonly OpenedPhase[];
  /** The state's tensors as the first phase finds them, in order. */
  readonly state: readonly NamedHeader[];
  /** The program's data tensors, in order. */
  readonly data: readonly NamedHeader[];
}
