/**
 * Blobs that a provider says it keeps and serves, and does not.
 *
 * @module
 */
import type { BlobAccess, LedgerClient, Node } from "../../../../actors/mod.ts";
import { MAX_OPEN_DEMANDS } from "../../../../ledger/availability/mod.ts";
import { blobRoot, bytesToHex, programSegments, segmentInput } from "../../../../ledger/primitives/mod.ts";
import { silentOn } from "./operations.ts";
import type { TwistPowers } from "../../market/twist.ts";

/** How often it is looked for a result. */
const LOOK_MS = 500;

/** Keeps nothing that it makes itself: it cannot be fetched from it. What it gets from others it serves. */
export function servingNobody(own: BlobAccess): BlobAccess {
  return { ...own, put: (blob) => Promise.resolve(blobRoot(blob)) };
}

/** Keeps nothing that it makes until it has handed in a result, then all else: auditors get the states that they ask for, nobody the outputs, not even on the ledger. */
export function servingAuditorsOnly() {
  let handedIn = false;
  const outputs = new Set<string>();
  return {
    blobs: (own: BlobAccess): BlobAccess => ({
      ...own,
      put(blob) {
        const root = blobRoot(blob), key = bytesToHex(root);
        if (!handedIn) outputs.add(key);
        return handedIn && !outputs.has(key) ? own.put(blob) : Promise.resolve(root);
      },
    }),
    ledger(own: LedgerClient): LedgerClient {
      const silent = silentOn("answer_chunk")(own);
      return {
        ...silent,
        submit(operation, call) {
          handedIn ||= operation.kind === "submit_result";
          return silent.submit(operation, call);
        },
      };
    },
  };
}

/** Demands the first chunks of the first open result's final state, so many. */
export async function demandChunks(
  count: number,
  { ledger }: Node,
  { pause }: TwistPowers,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const [task] = await ledger.query("tasks", { status: "submitted", limit: 1 }, { signal });
    if (task === undefined) {
      await pause(LOOK_MS, signal);
      continue;
    }
    const last = segmentInput(task.program, programSegments(task.program));
    if (last.kind === "initial") return;
    const what = { kind: "state", segment: last.index, tensor: 0 } as const;
    for (let chunk = 0; chunk < count; chunk++) {
      await ledger.submit({ kind: "demand_chunk", task: task.id, what, chunk }, { signal });
    }
    return;
  }
}

/** As many as may be open at a time. */
export const ALL_AT_ONCE = MAX_OPEN_DEMANDS;
