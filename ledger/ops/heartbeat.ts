/**
 * Keeps the sender's offer valid for another `offerBlocks`.
 *
 * @module
 */
import { type Infer, record } from "../primitives/mod.ts";

/** See the module. */
export const Heartbeat = record("Heartbeat", {});
/** See {@link Heartbeat}. */
export type Heartbeat = Infer<typeof Heartbeat>;
