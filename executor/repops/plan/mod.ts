/**
 * The planner that all backends share: which nodes run, which are known before, which values share storage, and where the
 * storage lies. Nothing here changes a bit: values are folded by the reference, and every node's output is canonical however
 * it is placed.
 *
 * Read `make_plan.ts`, `composites/` (nodes that are others in a row), `readers.ts`, `fuse_products.ts` and `fuse_pooling.ts` (which
 * a backend may ask for), then `place_storage.ts`; `carriages.ts` and `carry_in_place.ts` for graphs whose steps leave a state.
 *
 * @module
 */
export {
  type Carriage,
  carriagesOf,
  type GivenInputs,
  recordInputs,
  tradedStorages,
  valueAmong,
} from "./carriages.ts";
export { type CarriedPlan, carryInPlace } from "./carry_in_place.ts";
export { compositeOperators } from "./composites/mod.ts";
export { FUSED_DOMAIN, fuseProducts, type ReadableOrders } from "./fuse_products.ts";
export { fusePooling } from "./fuse_pooling.ts";
export { makePlan, type Plan, type PlannedValue, type Step } from "./make_plan.ts";
export { producersOf, readersOf } from "./readers.ts";
export { type Life, livesOf, type Placement, placeStorage } from "./place_storage.ts";
