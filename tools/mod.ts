/**
 * The tools: everything a person runs, and what a program needs to do the same.
 *
 *     main.ts      the one entry of the command line; `deno task assay --help`
 *     cli/         the commands, one file each
 *     local/       running and training without a network
 *     api/         the HTTP API of a node: routes, what is behind them, a client
 *     node/        a node of workers, a child executor, SQLite and WebRTC, from a plan; keys and homes
 *     testnet/     whole networks in one process, and scripts for them
 *     demo/        the whole idea at work: such a script; and the catalogue of cheats over real connections
 *     simulation/  whole networks in simulated time, with everything going wrong, under a seed
 *     bench/       measuring, as ratios within one run
 *     conformance/ ONNX's own backend tests on an engine
 *     terminal/    tables, bars, curves, amounts as text
 *     gate/        what `deno task test`, `compile` and `codes` run
 *
 * This is the floor with the authority: it may use the clock, the disk, the network and other processes, and hands the parts below
 * what they need. Nobody imports it but programs: a program that wants a node of its own with workers and WebRTC starts here; one that
 * wants the actors in its own thread, on its own transport and stores, starts at `actors/mod.ts`.
 *
 * @module
 */
export { ToolError, type ToolErrorCode } from "./errors.ts";
export {
  DEFAULT_ENGINE,
  DEFAULT_PROVIDER,
  NODE_ROLES,
  type NodePlan,
  type NodeRole,
} from "./node/node_plan.ts";
export { type NodeListeners, type RunningNode, startNode } from "./node/start_node.ts";
export {
  postProgram,
  startTestnet,
  type TaskTerms,
  type Testnet,
  type TestnetNode,
  type TestnetOptions,
  type TestnetScript,
  type TestnetSpec,
  withTestnet,
} from "./testnet/mod.ts";
export type { ApiBackend, OperationDone, OrderedOperation, TaskOrder } from "./api/backend.ts";
export { type ApiAddress, type ApiClient, apiClient } from "./api/client.ts";
export { type Json, toJson } from "./api/json.ts";
export { nodeBackend } from "./api/node_backend.ts";
export { type ApiServer, serveApi } from "./api/serve_deno.ts";
export { makeProgressBook, type ProgressBook, type TaskProgress } from "./api/task_progress.ts";
