/**
 * Arbiters' edges: what the executor gives them to judge by, and what they commit to.
 *
 * @module
 */
import type { LedgerClient } from "../../../../actors/mod.ts";
import type { Executor } from "../../../../executor/mod.ts";
import { arbiterCommitment, type Operation } from "../../../../ledger/mod.ts";
import { bytesToHex, type Hash } from "../../../../ledger/primitives/mod.ts";
import type { TwistPowers } from "../../market/twist.ts";
import { changing } from "./operations.ts";

const LOOK_MS = 200;

/** An executor that finds every output of a node, and every chunk of one, to be zero. */
export function findingZeros(own: Executor): Executor {
  return {
    ...own,
    executeChunk: async (request, options) => (await own.executeChunk(request, options)).fill(0),
    executeNode: async (request, options) =>
      (await own.executeNode(request, options)).map((tensor) => ({
        ...tensor,
        data: tensor.data.slice().fill(0 as never),
      })),
  };
}

/** Says that the provider's claim is right, whatever it found. */
export function findingAsClaimed(own: LedgerClient): LedgerClient {
  const claimed = new Map<string, Hash>();
  return changing(own, async (operation, call): Promise<Operation> => {
    if (operation.kind === "arbiter_commit") {
      const dispute = await own.query("dispute", operation.dispute, call);
      if (dispute === undefined || !("unit" in dispute.stage)) return operation;
      const verdict = dispute.stage.unit.claimed;
      claimed.set(bytesToHex(operation.dispute), verdict);
      const salt = new Uint8Array(32);
      return {
        ...operation,
        commitment: arbiterCommitment({ dispute: operation.dispute, arbiter: own.address, salt, verdict }),
      };
    }
    const verdict = operation.kind === "arbiter_reveal"
      ? claimed.get(bytesToHex(operation.dispute))
      : undefined;
    return operation.kind === "arbiter_reveal" && verdict !== undefined
      ? { ...operation, verdict, salt: new Uint8Array(32) }
      : operation;
  });
}

/** Commits to what another arbiter of the dispute committed to. */
export function copyingCommitments(own: LedgerClient, { pause }: TwistPowers): LedgerClient {
  return changing(own, async (operation, call) => {
    if (operation.kind !== "arbiter_commit") return operation;
    while (true) {
      const dispute = await own.query("dispute", operation.dispute, call);
      const seats = dispute?.stage.kind === "commit" ? dispute.stage.seats : [];
      const copied = seats.find(({ commitment }) => commitment !== null)?.commitment;
      if (copied) return { ...operation, commitment: copied };
      await pause(LOOK_MS, call.signal);
    }
  });
}
