import { testBlobExchange } from "./blob_exchange_suite.ts";
import { memoryHarness } from "./harness.ts";

testBlobExchange({ name: "blobs in memory", makeHarness: () => memoryHarness(), declare: Deno.test });
