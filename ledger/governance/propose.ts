/**
 * Proposes a change of parameters or an upgrade. Costs a deposit that comes back unless too few vote.
 *
 * @module
 */
import { type Infer, record, text } from "../primitives/mod.ts";
import { type OperationContext, type OperationRule, reject, type Rejection } from "../ops/mod.ts";
import {
  accountOf,
  canAct,
  debit,
  epochOf,
  invariant,
  lastHeightOf,
  type Params,
  schedule,
  type StateReader,
  validatorSetOf,
} from "../state/mod.ts";
import { changedParams } from "./changed_params.ts";
import { boundFault, PARAM_BOUNDS, paramsFault } from "./param_bounds.ts";
import { plannedUpgrade, PROTOCOL_VERSION } from "./protocol.ts";
import { activeProposals, addProposal, ballots, Change, electorates, MAX_PROPOSALS } from "./records.ts";
import { executionHeight, votingEnd } from "./schedule.ts";

/** Name of the deadline of proposals, see `close.ts`. */
export const PROPOSAL_DUE = "proposal";

/** See the module. */
export const Propose = record("Propose", { title: text(128), change: Change });
/** See {@link Propose}. */
export type Propose = Infer<typeof Propose>;

/** The deposit as a part of a validator's least stake: enough that filling all places with nonsense costs more than a stake. */
const DEPOSIT_DIVISOR = 10n;

/** What a proposal costs while it is voted on. */
export function proposalDeposit(params: Params): bigint {
  return params.minValidatorStake / DEPOSIT_DIVISOR;
}

function paramsRejection(params: Params, change: Extract<Change, { kind: "params" }>): Rejection | null {
  const { values } = change;
  if (values.length === 0) {
    return reject("bad_proposal", "The proposal names no parameter. Name at least one.");
  }
  const names = new Set<string>();
  for (const { name, value } of values) {
    if (names.has(name)) return reject("bad_proposal", `The proposal sets ${name} twice. Set it once.`);
    names.add(name);
    if (PARAM_BOUNDS[name].isFixed === true) {
      return reject("parameter_fixed", `${name} is fixed in genesis, for ${PARAM_BOUNDS[name].why}.`);
    }
    const fault = boundFault(name, value);
    if (fault !== null) return reject("out_of_bounds", `The parameter ${fault}`);
  }
  const broken = paramsFault(changedParams(params, change));
  return broken === null ? null : reject("out_of_bounds", broken.message);
}

function upgradeRejection(
  state: StateReader,
  { head, params }: OperationContext,
  { version, height }: Extract<Change, { kind: "upgrade" }>,
): Rejection | null {
  const planned = plannedUpgrade(state);
  const newest = Math.max(PROTOCOL_VERSION, planned?.version ?? 0);
  if (version <= newest) {
    return reject("bad_upgrade", `An upgrade leads beyond version ${newest}: got ${version}.`);
  }
  if (planned !== undefined && planned.height > head.height) {
    return reject(
      "bad_upgrade",
      `An upgrade is planned for height ${planned.height}: propose another after it.`,
    );
  }
  const earliest = executionHeight(params, votingEnd(params, head.height));
  if (height < earliest || height !== lastHeightOf(params, epochOf(params, height) - 1n) + 1n) {
    return reject(
      "bad_upgrade",
      `An upgrade happens at the first height of an epoch, at the earliest ${earliest}: got ${height}.`,
    );
  }
  return null;
}

/** The rule of {@link Propose}. */
export const proposeRule: OperationRule<Propose> = {
  weight: 20n,
  rejects: [
    "not_a_validator",
    "bad_proposal",
    "parameter_fixed",
    "out_of_bounds",
    "bad_upgrade",
    "too_many_proposals",
    "insufficient_deposit",
  ],
  check(state, context, { change }) {
    const { sender, params } = context;
    if (!canAct(state, context, "validator", sender)) {
      return reject(
        "not_a_validator",
        `Proposals need a validator stake of at least ${params.minValidatorStake}, not jailed.`,
      );
    }
    const rejection = change.kind === "params"
      ? paramsRejection(params, change)
      : upgradeRejection(state, context, change);
    if (rejection !== null) return rejection;
    if (activeProposals(state).length >= MAX_PROPOSALS) {
      return reject(
        "too_many_proposals",
        `${MAX_PROPOSALS} proposals are under way. Try again when one has ended.`,
      );
    }
    const deposit = proposalDeposit(params);
    const { balance } = accountOf(state, sender);
    if (balance >= deposit) return null;
    return reject(
      "insufficient_deposit",
      `A proposal takes a deposit of ${deposit}: the balance is ${balance}.`,
    );
  },
  apply(state, context, { title, change }) {
    const { sender, params, head, transaction: id } = context;
    const set = validatorSetOf(state, head.epoch);
    invariant(set !== undefined, "The epoch has no validator set.", { epoch: head.epoch });
    const deposit = proposalDeposit(params);
    debit(state, sender, deposit, "bonds");
    const votingEnds = votingEnd(params, head.height);
    electorates.put(state, id, set.validators.map(({ address, stake }) => ({ address, stake })));
    ballots.put(state, id, []);
    addProposal(state, {
      id,
      proposer: sender,
      title,
      change,
      deposit,
      status: "voting",
      proposedAt: head.height,
      votingEnds,
      executesAt: 0n,
      electorate: set.validators.reduce((sum, { stake }) => sum + stake, 0n),
      approving: 0n,
      opposing: 0n,
    });
    schedule(state, votingEnds, PROPOSAL_DUE, id);
    context.emit({ kind: "proposal_made", account: sender, amount: deposit, detail: title });
  },
};
