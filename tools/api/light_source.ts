/**
 * A node's HTTP API as what a light client asks. The node is trusted in nothing.
 *
 * @module
 */
import { EpochLinks, type LightSource, LightState } from "../../ledger/light/mod.ts";
import { bytesToHex, decode } from "../../ledger/primitives/mod.ts";
import type { ApiClient } from "./client.ts";

/** A source over a client of the API. Its methods throw what the client throws, and `CodecError` for an answer that is none. */
export function apiLightSource(client: Pick<ApiClient, "getBytes">): LightSource {
  return {
    links: async (from) => decode(EpochLinks, await client.getBytes(`/v1/light/links?from=${from}`)),
    state: async (keys) => {
      const query = new URLSearchParams(keys.map((key) => ["key", bytesToHex(key)]));
      return decode(LightState, await client.getBytes(`/v1/light/state?${query}`));
    },
  };
}
