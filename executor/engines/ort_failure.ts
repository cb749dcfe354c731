/**
 * ONNX Runtime reports every failure as a sentence; this reads the ones that a caller can act on.
 *
 * @module
 */
import { messageOf } from "../../ledger/primitives/mod.ts";
import { ExecutorError } from "../errors.ts";
import type { Graph } from "../graph.ts";

/** An operator that is unknown, known without a kernel for these types, or of an unknown domain. */
const UNKNOWN_OPERATOR = [
  /No Op registered for (?<operator>\w+)/,
  /Could not find an implementation for (?<operator>\w+)\(\d+\) node with name '(?<node>[^']*)'/,
  /(?<operator>[\w.]+)(?:\(-?\d+\))? is not a registered function\/op/,
];

/** Longest excerpt of the runtime's own words: they can quote whole models. */
const MAX_EXCERPT = 400;

/** The typed error for a model that the runtime refuses. */
export function loadFailure(thrown: unknown, graph: Graph): ExecutorError {
  const said = messageOf(thrown).slice(0, MAX_EXCERPT);
  for (const pattern of UNKNOWN_OPERATOR) {
    const groups = pattern.exec(said)?.groups;
    const operator = groups?.operator?.split(".").at(-1);
    if (operator === undefined) continue;
    const node = groups?.node ?? graph.nodes.find((candidate) => candidate.operator === operator)?.name ??
      "?";
    return new ExecutorError(
      "unsupported_operator",
      `The node "${node}" uses the operator ${operator}, which ONNX Runtime cannot execute for these types in opset ` +
        `${graph.opset}. Rewrite the model with operators it knows.`,
      { node, operator },
      thrown,
    );
  }
  return new ExecutorError(
    "engine_failed",
    `ONNX Runtime refuses the graph "${graph.name}": ${said}`,
    { fatal: isFatal(thrown) },
    thrown,
  );
}

/** The typed error for a computation that failed. Its field `fatal` says that the runtime's memory can no longer be trusted. */
export function runFailure(thrown: unknown, graph: Graph): ExecutorError {
  if (thrown instanceof ExecutorError) return thrown;
  return new ExecutorError(
    "engine_failed",
    `ONNX Runtime failed in the graph "${graph.name}": ${messageOf(thrown).slice(0, MAX_EXCERPT)}`,
    { fatal: isFatal(thrown) },
    thrown,
  );
}

/** A trap, an abort or a bare number (an escaped C++ exception) leaves the WebAssembly instance in an unknown state. */
function isFatal(thrown: unknown): boolean {
  return thrown instanceof WebAssembly.RuntimeError || thrown instanceof RangeError ||
    typeof thrown === "number";
}
