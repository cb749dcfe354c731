/**
 * The executor in a child process. `child_executor_deno.ts` is the host's side, `main_deno.ts` the child's; both are leaves,
 * imported by path. Between them stand the pure parts: `plain_message.ts`, `frames.ts`, `message_stream.ts`, `protocol.ts`,
 * `serve_executor.ts`, in that order.
 *
 * @module
 */
export { createMessageWriter, type MessageWriter, type Received, receiveMessages } from "./message_stream.ts";
export { type ChildMessage, HEARTBEAT_MS, type HostMessage, type Method } from "./protocol.ts";
export { serveExecutor, type ServerPorts } from "./serve_executor.ts";
