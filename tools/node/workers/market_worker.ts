/**
 * The worker module of the market.
 *
 * @module
 */
import { makeMarket } from "../../../actors/market/mod.ts";
import { serveActor } from "../../../actors/runtime/worker_entry_worker.ts";
import { workPowers } from "./worker_settings.ts";

serveActor(self, (start) => makeMarket(workPowers(start)));
