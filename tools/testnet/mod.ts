/**
 * Test networks: whole networks on this machine, each member a node with its own key, home, workers, executor and WebRTC
 * connections on loopback, all in one process. The demo, `deno task node` without arguments and every script run on one.
 *
 * **Scripting.** `deno task devnet SCRIPT.ts` starts the network that a script asks for and runs it. A script is a module whose
 * default export is a {@link TestnetScript}:
 *
 *     import type { TestnetScript } from "../tools/testnet/mod.ts";
 *
 *     const script: TestnetScript = {
 *       network: { validators: 4, providers: [{}], challengers: 1, arbiters: 3, requesters: 1 },
 *       async run(net, { signal, log }) {
 *         const { height } = await net.query("head", null, { signal });
 *         log(`The chain is at ${height}.`);
 *       },
 *     };
 *     export default script;
 *
 * `net.node("provider-1")` is a running node: its `ledger` reads the state and submits operations with the member's key, its
 * `blobs` keep and fetch data, its `stop()` takes it away from the others. `net.listen` tells what every member's actors tell;
 * `postProgram` posts a task; `readHoldings` reads everybody's money at one height. A provider may be told to lie
 * (`providers: [{ fault: { phase: 0, step: 3, tensor: 0 } }]`), to see it being caught. `params` and `timing` change the rules and the
 * pace. `examples/transfer.ts` is a script with comments; `tools/demo/run_demo.ts` is the largest one.
 *
 * Reading order: `testnet_spec.ts`, `testnet.ts`, `script.ts`, `with_testnet.ts`.
 *
 * @module
 */
export { genesisHoldings, type Holding, type Holdings, readHoldings } from "./holdings.ts";
export { postProgram, type TaskTerms } from "./post_program.ts";
export type { ScriptContext, TestnetScript } from "./script.ts";
export {
  startTestnet,
  type Testnet,
  type TestnetListener,
  type TestnetNode,
  type TestnetOptions,
} from "./testnet.ts";
export { type Member, membersOf, type ProviderSpec, type TestnetSpec } from "./testnet_spec.ts";
export { withTestnet } from "./with_testnet.ts";
