import { testBlobExchange } from "./blob_exchange_suite.ts";
import { memoryHarness } from "./harness.ts";
import { NATIVE_HANDLES, webRtcHarness } from "./webrtc_harness.ts";

testBlobExchange({ name: "blobs in memory", makeHarness: () => memoryHarness() });
testBlobExchange({ name: "blobs over webrtc", makeHarness: webRtcHarness, sanitize: NATIVE_HANDLES });
