/**
 * What the rules say about money, written down from their words and not from the code that is under test: who loses how much, and who
 * gets it.
 *
 * @module
 */
import { type Params, PPM } from "../../../ledger/mod.ts";
import type { Changes } from "./cheat.ts";
import { REQUESTER, REWARD } from "./company.ts";
import { SEGMENTS } from "./training_job.ts";

/** Changes that happen together. */
export function together(...all: readonly Changes[]): Changes {
  const sum: Record<string, bigint> = {};
  for (const changes of all) {
    for (const [name, amount] of Object.entries(changes)) sum[name] = (sum[name] ?? 0n) + amount;
  }
  return sum;
}

/** A task is done and paid. */
export function payment(reward: bigint, requester: string, provider: string): Changes {
  return { [requester]: -reward, [provider]: reward };
}

/**
 * Somebody is found wrong and forfeits an amount. Of it the judges get their fee, then the other side its share, both together at most half;
 * the rest is burned.
 */
export function forfeit(
  { arbiterFee, proverSharePpm }: Params,
  { loser, winner, amount, judges }: {
    readonly loser: string;
    readonly winner: string;
    readonly amount: bigint;
    /** Arbiters who revealed a verdict, and validators who did on appeal; once for each time. */
    readonly judges: readonly string[];
  },
): Changes {
  const half = amount / 2n, most = judges.length === 0 ? 0n : half / BigInt(judges.length);
  const fee = arbiterFee < most ? arbiterFee : most;
  const left = half - fee * BigInt(judges.length);
  const share = amount * BigInt(proverSharePpm) / PPM;
  return together(
    { [loser]: -amount, [winner]: share < left ? share : left },
    ...judges.map((judge) => ({ [judge]: fee })),
  );
}

/** A provider took a task and never submitted a result: a share of the collateral is burned. */
export function absence({ absenceSlashPpm }: Params, provider: string, collateral: bigint): Changes {
  return { [provider]: -(collateral * BigInt(absenceSlashPpm) / PPM) };
}

/** Arbiters who were drawn and revealed nothing are fined; all of it is burned. */
export function fines({ arbiterAbsencePenalty }: Params, arbiters: readonly string[]): Changes {
  return Object.fromEntries(arbiters.map((name) => [name, -arbiterAbsencePenalty]));
}

/** What audits cost the requester, and bring the auditors who are named, once for each result that they audited; and what else happens. */
export function audited(params: Params, auditors: readonly string[], ...changes: readonly Changes[]) {
  return auditedInPart(params, { segments: SEGMENTS, executed: SEGMENTS }, auditors, ...changes);
}

/** The same where each auditor executes fewer segments than there are: those sampled, and one of its own. */
export function auditedInPart(
  { auditPay, auditSharePpm }: Params,
  { segments, executed }: { readonly segments: number; readonly executed: number },
  auditors: readonly string[],
  ...changes: readonly Changes[]
): { readonly auditPay: bigint; readonly changes: Changes } {
  const whole = PPM * BigInt(segments);
  const share = (REWARD * BigInt(auditSharePpm) + whole - 1n) / whole;
  const pay = BigInt(executed) * (share > auditPay ? share : auditPay);
  return paidByRequester(pay, auditors, changes);
}

/** What certificates cost the requester, and bring the members who are named, once for each result that they certified; and what else happens. */
export function certified(
  { certifierPay }: Params,
  members: readonly string[],
  ...changes: readonly Changes[]
): { readonly auditPay: bigint; readonly changes: Changes } {
  return paidByRequester(certifierPay, members, changes);
}

function paidByRequester(pay: bigint, names: readonly string[], changes: readonly Changes[]) {
  const paid = names.map((name) => ({ [REQUESTER]: -pay, [name]: pay }));
  return { auditPay: pay * BigInt(names.length), changes: together(...paid, ...changes) };
}

/** An auditor who was silent, or contradicted a result and did not dispute it, is fined; all of it is burned. */
export function auditAbsence({ auditAbsencePenalty }: Params, auditor: string): Changes {
  return { [auditor]: -auditAbsencePenalty };
}

/** An auditor whose reveal a dispute overturned loses stake; all of it is burned. */
export function auditFault({ auditFaultPenalty }: Params, auditor: string): Changes {
  return { [auditor]: -auditFaultPenalty };
}

/** A member of a committee who was silent is fined; all of it is burned. */
export function certifierAbsence({ certifierAbsencePenalty }: Params, member: string): Changes {
  return { [member]: -certifierAbsencePenalty };
}

/** Bytes and weight that an answer to a demand is reckoned with. */
const ANSWER_BYTES = 70_000n, ANSWER_WEIGHT = 20n;

/** Demands about a result that stands: who answered gets what the ledger space of an answer costs, the rest is burned. */
export function demandsInVain(
  { demandFee, feePerByte, feePerWeight }: Params,
  { demander, answerer, demands }: {
    readonly demander: string;
    readonly answerer: string;
    readonly demands: number;
  },
): Changes {
  const cost = ANSWER_BYTES * feePerByte + ANSWER_WEIGHT * feePerWeight;
  return { [demander]: -demandFee * BigInt(demands), [answerer]: cost * BigInt(demands) };
}

/** A provider does not open what it committed to: all its collateral is burned. */
export function unopened(provider: string, collateral: bigint): Changes {
  return { [provider]: -collateral };
}
