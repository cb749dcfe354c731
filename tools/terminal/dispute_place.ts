/**
 * Where a dispute ended, in words, as far down as it came.
 *
 * @module
 */

/** Each null if the dispute did not come so far. Nodes have a name in the demo and a number on the ledger. */
export interface NamedPlace {
  readonly step: number | null;
  /** What the steps' tree was descended to: nodes, or the outputs that a step hands on. */
  readonly tree?: "nodes" | "outputs" | null;
  readonly node: number | string | null;
  /** Which of the node's outputs; the demo's nodes have but one. */
  readonly output?: number | null;
  readonly chunk: number | null;
  readonly element: number | null;
  /** Block of 256 terms of the sum that makes the element. */
  readonly block: number | null;
}

/** For example `step 5, node 3, output 0, chunk 1, element 20077, block 13 of its sum`. */
export function placeText({ step, tree, node, output = null, chunk, element, block }: NamedPlace): string {
  const parts: readonly [position: number | string | null, text: string][] = [
    [step, `step ${step}`],
    [node, `${tree === "outputs" ? "output" : "node"} ${node}`],
    [output, `output ${output}`],
    [chunk, `chunk ${chunk}`],
    [element, `element ${element}`],
    [block, `block ${block} of its sum`],
  ];
  const reached = parts.filter(([position]) => position !== null).map(([, text]) => text);
  return reached.length === 0 ? "no step" : reached.join(", ");
}
