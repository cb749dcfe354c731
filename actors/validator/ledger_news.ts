/**
 * Ledger events as news for people and programs.
 *
 * @module
 */
import { bytesToHex } from "../../ledger/primitives/mod.ts";
import type { LedgerEvent } from "../../ledger/mod.ts";
import type { ActorEvent } from "../runtime/mod.ts";

/** The news of an event in the block of a height. */
export function newsOf(height: bigint, event: LedgerEvent): ActorEvent {
  const { kind, task, dispute, account, amount, detail } = event;
  return {
    kind: "ledger_event",
    height,
    event: kind,
    ...(task === undefined ? {} : { task: bytesToHex(task) }),
    ...(dispute === undefined ? {} : { dispute: bytesToHex(dispute) }),
    ...(account === undefined ? {} : { account: bytesToHex(account) }),
    ...(amount === undefined ? {} : { amount }),
    ...(detail === undefined ? {} : { detail }),
  };
}
