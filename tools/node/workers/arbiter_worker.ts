/**
 * The worker module of the arbiter.
 *
 * @module
 */
import { makeArbiter } from "../../../actors/arbiter/mod.ts";
import { serveActor } from "../../../actors/runtime/worker_entry_worker.ts";
import { workPowers } from "./worker_settings.ts";

serveActor(self, (start) => makeArbiter(workPowers(start)));
