/**
 * Parameters of a local test network: blocks of a quarter to half a second, windows of a few seconds.
 *
 * @module
 */
import type { Params } from "../state/mod.ts";

/** Smallest units of one token: it has 9 decimals. */
export const UNITS_PER_TOKEN = 1_000_000_000n;

/** See the module. Anything can be overridden. */
export function devParams(changes: Partial<Params> = {}): Params {
  return {
    epochBlocks: 200, // about a minute: a demo sees an epoch change
    unbondingBlocks: 400, // two epochs; collateral is locked, not unbonding, as long as its result can be disputed
    feePerByte: 1_000n,
    feePerWeight: 100_000n,
    feeBurnPpm: 500_000,
    blockReward: UNITS_PER_TOKEN / 100n,
    minValidatorStake: 1_000n * UNITS_PER_TOKEN,
    minProviderStake: 100n * UNITS_PER_TOKEN,
    minChallengerStake: 50n * UNITS_PER_TOKEN,
    minArbiterStake: 50n * UNITS_PER_TOKEN,
    acceptBlocks: 40,
    challengeBlocks: 40, // long enough to re-execute a small task on a busy machine
    maxAttempts: 4,
    challengerBond: 10n * UNITS_PER_TOKEN,
    roundBlocks: 40,
    arbiterCount: 3,
    drawDelayBlocks: 2,
    arbiterCommitBlocks: 60, // one operator is re-executed within it
    arbiterRevealBlocks: 40,
    arbiterFee: UNITS_PER_TOKEN,
    arbiterAbsencePenalty: UNITS_PER_TOKEN,
    proverSharePpm: 400_000,
    equivocationSlashPpm: 100_000,
    openBlocks: 2_400, // ten minutes for providers to appear
    offerBlocks: 240,
    absenceSlashPpm: 100_000,
    appealBlocks: 12, // a party judges one chunk within it
    appealBond: 20n * UNITS_PER_TOKEN,
    wrongVerdictSlashPpm: 500_000,
    runningDisputes: 4,
    recordDeposit: UNITS_PER_TOKEN / 100n, // the fee of some kilobytes
    leastLeaders: 1, // a test network may have one validator that does nearly all; elsewhere 3
    recordBlocks: 20_000, // an hour or more: time to look at what became of a task
    auditSegments: 2,
    auditorCount: 2, // that both of them collude with the provider is as likely as the square of its share of challenger stake
    auditPay: UNITS_PER_TOKEN / 20n, // the least: a transaction or two of each auditor's are in it
    auditCommitBlocks: 40, // as for a challenger
    auditRevealBlocks: 40,
    auditAbsencePenalty: UNITS_PER_TOKEN,
    auditFaultPenalty: 25n * UNITS_PER_TOKEN, // half of the least stake: who lies twice is out
    missedSlotPenalty: UNITS_PER_TOKEN / 20n, // five blocks' reward: another draw costs six, and an outage at most five tokens
    certifierCount: 7, // five must collude to certify what nobody else holds, and three to keep the others from it
    certifyBlocks: 60, // a busy machine fetches within it; where all members certify nobody waits for its end
    certifierPay: UNITS_PER_TOKEN / 20n,
    certifierAbsencePenalty: UNITS_PER_TOKEN / 5n,
    demandFee: UNITS_PER_TOKEN / 2n, // several times what 64 KiB of ledger cost
    demandBlocks: 20,
    unitCostCap: 1n << 26n, // a chunk of a product over 4096 terms; its inputs are at most half a gigabyte
    auditSharePpm: 500_000, // what computing costs where providers keep half of what they earn
    ...changes,
  };
}
