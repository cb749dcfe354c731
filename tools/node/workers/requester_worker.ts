/**
 * The worker module of the requester.
 *
 * @module
 */
import { makeRequester } from "../../../actors/requester/mod.ts";
import { serveActor } from "../../../actors/runtime/worker_entry_worker.ts";
import { workPowers } from "./worker_settings.ts";

serveActor(self, (start) => makeRequester(workPowers(start)));
