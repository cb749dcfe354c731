/**
 * The worker module of the provider.
 *
 * @module
 */
import { makeProvider } from "../../../actors/provider/mod.ts";
import { serveActor } from "../../../actors/runtime/worker_entry_worker.ts";
import { workPowers, workSettings } from "./worker_settings.ts";

serveActor(self, (start) => makeProvider(workPowers(start), workSettings(start).provider));
