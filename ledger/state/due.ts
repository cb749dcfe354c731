/**
 * What falls due: at the height it was scheduled for, before the block's transactions, a handler decides what the passing of the
 * deadline means. This is what keeps anything from hanging.
 *
 * An entry is a reminder, not a command: by the time it fires its subject may have moved on, and the handler, which finds the
 * deadline in the subject's own record, then does nothing. Nothing is ever unscheduled.
 *
 * @module
 */
import { bytes, concatBytes, type Infer, record, text, u32, u64 } from "../primitives/mod.ts";
import { heads } from "./chain_records.ts";
import type { BlockContext } from "./context.ts";
import { invariant } from "./errors.ts";
import { leadersSince } from "./leaders.ts";
import { type StateReader, type StateWriter, table, u64Key } from "./table.ts";

/** Most entries that fire in one block: bounds the block's work. What exceeds it fires in the next block. */
export const MAX_DUE_PER_BLOCK = 256;

/** Blocks that a reminder waits at most for blocks of enough leaders: so many of one leader in a row mean that the others are gone. */
const MAX_LEADER_WAIT = 64n;

/** A reminder: the name of its handler, what it is about, when it was scheduled, and the height at which it fires whoever led. */
export const DueEntry = record("DueEntry", { kind: text(24), id: bytes(64), since: u64, latest: u64 });
/** See {@link DueEntry}. */
export type DueEntry = Infer<typeof DueEntry>;

/** Decides what it means that the deadline of `id` has passed. Must check in the record of `id` that it has. */
export type DueHandler = (state: StateWriter, context: BlockContext, id: Uint8Array) => void;

/** Handlers by kind. */
export type DueHandlers = Readonly<Record<string, DueHandler>>;

/** How many entries a height has. */
const dueCounts = table(7, "due counts", u64Key, u32);

interface DuePlace {
  readonly height: bigint;
  readonly index: number;
}

/** Entries one by one, so that scheduling costs the same however many there are. */
const dueEntries = table(
  22,
  "due entries",
  ({ height, index }: DuePlace) => concatBytes(u64Key(height), u64Key(BigInt(index))),
  DueEntry,
);

/**
 * Schedules an entry for the beginning of the block at `height`, or the first after it that has room; at the earliest for the block
 * after the one being executed.
 *
 * PERF: reads one number for each full height it passes.
 */
export function schedule(state: StateWriter, height: bigint, kind: string, id: Uint8Array): void {
  const since = heads.get(state).height + 1n; // the head is the block before the one being executed
  const at = height > since ? height : since + 1n;
  put(state, at, { kind, id, since, latest: at + MAX_LEADER_WAIT });
}

function put(state: StateWriter, height: bigint, entry: DueEntry): void {
  for (let at = height;; at++) {
    const index = dueCounts.get(state, at) ?? 0;
    if (index >= MAX_DUE_PER_BLOCK) continue;
    dueCounts.put(state, at, index + 1);
    dueEntries.put(state, { height: at, index }, entry);
    return;
  }
}

/** What is scheduled for a height. */
export function dueAt(state: StateReader, height: bigint): readonly DueEntry[] {
  return Array.from({ length: dueCounts.get(state, height) ?? 0 }, (_, index) => {
    const entry = dueEntries.get(state, { height, index });
    invariant(entry !== undefined, "A deadline that was counted is missing.", { height, index });
    return entry;
  });
}

/**
 * Fires everything scheduled for the block being executed, in the order it was scheduled. What was scheduled so lately that fewer than
 * `leastLeaders` made the blocks since waits another block, but not for ever.
 */
export function runDue(
  state: StateWriter,
  context: BlockContext,
  handlers: DueHandlers,
  leastLeaders = 1,
): void {
  const { height } = context.head;
  const entries = dueAt(state, height);
  if (entries.length === 0) return;
  dueCounts.delete(state, height);
  for (const index of entries.keys()) dueEntries.delete(state, { height, index });
  for (const entry of entries) {
    const { kind, id, since, latest } = entry;
    if (leastLeaders > 1 && height < latest && leadersSince(state, since) < leastLeaders) {
      put(state, height + 1n, entry);
      continue;
    }
    const handler = Object.hasOwn(handlers, kind) ? handlers[kind] : undefined;
    invariant(handler !== undefined, `Nothing handles the deadline of kind "${kind}".`, { kind });
    handler(state, context, id);
  }
}
