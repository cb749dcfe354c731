/**
 * A chain of three validators of equal stake with short epochs, and the operations of governance.
 *
 * @module
 */
import { devParams, type Operation, runQuery } from "../../../ledger/chain/mod.ts";
import type { ParamName } from "../../../ledger/governance/mod.ts";
import { type TestChain, testChain } from "../chain/test_chain.ts";

/** Blocks of an epoch, and of unbonding. */
export const EPOCH = 5, UNBONDING = 8;

/** Blocks after which a proposal made now is counted. */
export const VOTING = 2 * EPOCH;

/** What a proposal costs: a tenth of a validator's least stake. */
export const DEPOSIT = devParams().minValidatorStake / 10n;

/** The validators. */
export const VALIDATORS = ["val1", "val2", "val3"] as const;

/** Starts the chain. Nothing costs a fee. */
export function governedChain(): TestChain {
  return testChain({
    feePerByte: 0n,
    feePerWeight: 0n,
    blockReward: 0n,
    epochBlocks: EPOCH,
    unbondingBlocks: UNBONDING,
  });
}

/** Proposes values for parameters. */
export function propose(
  ...values: readonly { readonly name: ParamName; readonly value: bigint }[]
): Operation {
  return { kind: "propose", title: "a change", change: { kind: "params", values } };
}

/** Proposes 77 blocks for each move of a dispute, instead of 40. */
export const ROUND = propose({ name: "roundBlocks", value: 77n });

/** Proposes an upgrade. */
export function upgrade(version: number, height: bigint): Operation {
  return { kind: "propose", title: "new rules", change: { kind: "upgrade", version, height } };
}

/** Votes. */
export function vote(proposal: Uint8Array, approve: boolean): Operation {
  return { kind: "vote_on_proposal", proposal, approve };
}

/** Everybody approves. */
export function approve(chain: TestChain, proposal: Uint8Array): void {
  for (const name of VALIDATORS) chain.accept(name, vote(proposal, true));
}

/** Where a proposal stands. */
export function statusOf(chain: TestChain, id: Uint8Array): string | undefined {
  return runQuery(chain.state(), "proposal", id)?.status;
}
