/**
 * A device whose bits are not everybody's, as far as the rules know: what it computes is judged within bounds, by recomputation.
 *
 * @module
 */
import type { Engine } from "../../../../executor/mod.ts";
import { hash } from "../../../../ledger/primitives/mod.ts";

/** The engine of such a device, which computes as `own` does. Parts of a node are not recomputed: the device could not. */
export function deviceOn(own: Engine): Engine {
  return {
    name: "ort",
    kernelHash: hash("assay/sim/device", own.kernelHash),
    load: (graph) => own.load(graph),
    recompute: { load: (graph) => own.load(graph) },
    close: () => own.close(),
  };
}
