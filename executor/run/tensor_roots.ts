/**
 * Hash each tensor once. Tensors are never changed in place, so an object that was hashed keeps its root: what a step passes on
 * unchanged costs nothing.
 *
 * @module
 */
import type { Hash } from "../../ledger/primitives/mod.ts";
import { rootOfTensor, type Tensor } from "../tensor.ts";

/** Roots of tensors, remembered for as long as the tensor itself lives. */
export type TensorRoots = (tensor: Tensor) => Hash;

/**
 * A memory of roots.
 *
 * @param given Roots that are known already, for example because the tensors were fetched by them.
 */
export function rememberRoots(given: Iterable<readonly [Tensor, Hash]> = []): TensorRoots {
  const known = new WeakMap<Tensor, Hash>();
  for (const [tensor, root] of given) known.set(tensor, root);
  return (tensor) => {
    let root = known.get(tensor);
    if (root === undefined) {
      root = rootOfTensor(tensor);
      known.set(tensor, root);
    }
    return root;
  };
}
