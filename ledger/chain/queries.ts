/**
 * What nodes and actors ask the state, by name. Arguments and answers are plain data that can be cloned into a worker.
 *
 * Every answer is bounded: lists in state are, and what is walked has a limit.
 *
 * @module
 */
import {
  activeProposals,
  pastProposals,
  type PlannedUpgrade,
  plannedUpgrade,
  type Proposal,
  proposals,
} from "../governance/mod.ts";
import { type Audit, audits } from "../audits/mod.ts";
import { availabilities, type Availability } from "../availability/mod.ts";
import { type Dispute, disputes, type OpenedNode, openedNodes } from "../disputes/mod.ts";
import { explainMatch, type MatchExplanation } from "../market/mod.ts";
import { type Address, type Hash } from "../primitives/mod.ts";
import {
  type Account,
  accountOf,
  activeTasks,
  chainIds,
  disputesOf,
  type Head,
  heads,
  isFinal,
  isListed,
  markets,
  namedEngines,
  type Offer,
  offerLists,
  offerOf,
  offers,
  type Params,
  paramsInForce,
  reputationPpm,
  type Role,
  ROLES,
  shrunkRecord,
  type Stake,
  stakeOf,
  stakersOf,
  type StateReader,
  supplies,
  type Supply,
  type Task,
  taskNumbers,
  tasks,
  type TaskStatus,
  type Totals,
  totals,
  type ValidatorSet,
  validatorSetOf,
} from "../state/mod.ts";
import { dutiesOf, type Duty } from "./duties.ts";

/** Most tasks in one answer. */
export const MAX_TASKS_ANSWERED = 256;

/** Most past tasks that a query by status looks at: older final ones are found by id or by number. */
export const MAX_TASKS_WALKED = 4096;

/** An offer, whether it is on the market, and its reputation. */
export interface OfferView extends Offer {
  readonly listed: boolean;
  readonly reputationPpm: number;
}

/** What {@link queries}`.tasks` looks for. */
export interface TaskFilter {
  /** Only tasks in this status; default: all. */
  readonly status?: TaskStatus;
  /** Only tasks with a number below this; default: from the newest. */
  readonly before?: bigint;
  /** At most this many, in [1, MAX_TASKS_ANSWERED]; default 50. */
  readonly limit?: number;
}

function viewOf(state: StateReader, offer: Offer): OfferView {
  return { ...offer, listed: isListed(state, offer.provider), reputationPpm: reputationPpm(offer) };
}

/** Numbers to look at, newest first: final tasks are walked, others are listed. */
function* taskNumbersFrom(state: StateReader, { status, before }: TaskFilter): Generator<bigint> {
  const { posted } = markets.get(state);
  const end = before === undefined || before > posted ? posted : before;
  if (status !== undefined && !isFinal(status)) {
    yield* activeTasks.get(state).filter((number) => number < end).toReversed();
    return;
  }
  for (let number = end - 1n; number >= 0n && end - number <= BigInt(MAX_TASKS_WALKED); number--) {
    yield number;
  }
}

function tasksWhere(state: StateReader, filter: TaskFilter): readonly Task[] {
  const limit = Math.min(Math.max(filter.limit ?? 50, 1), MAX_TASKS_ANSWERED);
  const found: Task[] = [];
  for (const number of taskNumbersFrom(state, filter)) {
    if (found.length >= limit) break;
    const id = taskNumbers.get(state, number);
    const task = id === undefined ? undefined : tasks.get(state, id);
    if (task === undefined) continue; // its record has shrunk
    if (filter.status === undefined || task.status === filter.status) found.push(task);
  }
  return found;
}

/** The questions. Each takes the state and its argument; `undefined` stands for what does not exist. */
export const queries = {
  chainId: (state: StateReader, _: null): Hash => chainIds.get(state),
  head: (state: StateReader, _: null): Head => heads.get(state),
  params: (state: StateReader, _: null): Params => paramsInForce.get(state),
  /** Supply, and where it is. */
  supply: (state: StateReader, _: null): Supply & { readonly held: Totals } => ({
    ...supplies.get(state),
    held: totals.get(state),
  }),
  account: (state: StateReader, address: Address): Account => accountOf(state, address),
  stake: (state: StateReader, { role, address }: { readonly role: Role; readonly address: Address }): Stake =>
    stakeOf(state, role, address),
  /** Stakes of one account, by role. */
  stakes: (state: StateReader, address: Address): readonly { readonly role: Role; readonly stake: Stake }[] =>
    ROLES.map((role) => ({ role, stake: stakeOf(state, role, address) })),
  /** Accounts staked in a role, by address. */
  stakers: (state: StateReader, role: Role): readonly Address[] => stakersOf(state, role),
  /** The validators of an epoch; `null`: of the present one. */
  validatorSet: (state: StateReader, epoch: bigint | null): ValidatorSet | undefined =>
    validatorSetOf(state, epoch ?? heads.get(state).epoch),
  /** Engines that an account has named to execute with; `undefined` if it has named none. */
  namedEngines: (state: StateReader, address: Address): readonly string[] | undefined =>
    namedEngines.get(state, address),
  /** Offers on the market. */
  offers: (state: StateReader, _: null): readonly OfferView[] =>
    offerLists.get(state).map((provider) => viewOf(state, offerOf(state, provider))),
  /** The offer of a provider, on the market or not. */
  offer: (state: StateReader, provider: Address): OfferView | undefined => {
    const offer = offers.get(state, provider);
    return offer === undefined ? undefined : viewOf(state, offer);
  },
  task: (state: StateReader, id: Hash): Task | undefined => tasks.get(state, id),
  /** The hash that the record of a task or dispute has shrunk to. */
  shrunkRecord: (state: StateReader, id: Hash): Hash | undefined => shrunkRecord(state, id),
  /** Tasks whose record is whole, newest first. */
  tasks: tasksWhere,
  /** The audit of a task's result, if it has one. */
  audit: (state: StateReader, task: Hash): Audit | undefined => audits.get(state, task),
  /** The availability of a task's result, if it has one. */
  availability: (state: StateReader, task: Hash): Availability | undefined => availabilities.get(state, task),
  dispute: (state: StateReader, id: Hash): Dispute | undefined => disputes.get(state, id),
  /** Disputes of a task, the oldest first. */
  disputesOfTask: (state: StateReader, task: Hash): readonly Dispute[] =>
    disputesOf(state, task).flatMap((id) => disputes.get(state, id) ?? []),
  /** The node that a running dispute is about, once opened. */
  openedNode: (state: StateReader, dispute: Hash): OpenedNode | undefined => openedNodes.get(state, dispute),
  proposal: (state: StateReader, id: Hash): Proposal | undefined => proposals.get(state, id),
  /** Proposals, the newest first: those under way, then the newest of the ended. */
  proposals: (state: StateReader, _: null): readonly Proposal[] =>
    [...pastProposals(state), ...activeProposals(state)].toReversed()
      .flatMap((id) => proposals.get(state, id) ?? []),
  /** The last upgrade that was voted for. */
  upgrade: (state: StateReader, _: null): PlannedUpgrade | undefined => plannedUpgrade(state),
  /** What the ledger waits for from an account. */
  duties: (state: StateReader, account: Address): readonly Duty[] => dutiesOf(state, account),
  /** For every offer on the market, why it would not get a task in the next block. */
  explainMatch: (state: StateReader, id: Hash): readonly MatchExplanation[] | undefined => {
    const task = tasks.get(state, id);
    if (task === undefined) return undefined;
    const head = heads.get(state);
    const next = { head: { ...head, height: head.height + 1n }, params: paramsInForce.get(state) };
    return explainMatch(state, next, task);
  },
};

/** The questions by name. */
export type Queries = typeof queries;

/** Name of a question. */
export type QueryName = keyof Queries;

/** What a question takes. */
export type QueryArgument<N extends QueryName> = Parameters<Queries[N]>[1];

/** What a question gives. */
export type QueryAnswer<N extends QueryName> = ReturnType<Queries[N]>;

type QueryTable = {
  readonly [N in QueryName]: (state: StateReader, argument: QueryArgument<N>) => QueryAnswer<N>;
};

const table: QueryTable = queries;

/** Asks the state. */
export function runQuery<N extends QueryName>(
  state: StateReader,
  name: N,
  argument: QueryArgument<N>,
): QueryAnswer<N> {
  return table[name](state, argument);
}
