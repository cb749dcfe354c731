/**
 * What a committed turn asks its node to do: plain data, applied in order.
 *
 * @module
 */
import type { ActorEvent } from "./events.ts";
import type { ActorId } from "./envelope.ts";
import type { Failure } from "./errors.ts";

/** One effect of a turn. See the methods of `Context` for each. */
export type Effect =
  | { readonly kind: "send"; readonly to: ActorId; readonly body: Uint8Array }
  | { readonly kind: "reply"; readonly request: number; readonly body: Uint8Array }
  | { readonly kind: "refuse"; readonly request: number; readonly failure: Failure }
  | { readonly kind: "publish"; readonly topic: string; readonly body: Uint8Array }
  | { readonly kind: "notify"; readonly name: string; readonly body: Uint8Array }
  | { readonly kind: "set_timer"; readonly name: string; readonly delayMs: number }
  | { readonly kind: "clear_timer"; readonly name: string }
  | { readonly kind: "emit"; readonly event: ActorEvent };
