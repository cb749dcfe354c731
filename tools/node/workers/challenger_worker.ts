/**
 * The worker module of the challenger.
 *
 * @module
 */
import { makeChallenger } from "../../../actors/challenger/mod.ts";
import { serveActor } from "../../../actors/runtime/worker_entry_worker.ts";
import { workPowers } from "./worker_settings.ts";

serveActor(self, (start) => makeChallenger(workPowers(start)));
