/**
 * The actors: who does what on the network, and the runtime that keeps them going. They know of the ledger, the executor and the
 * network by their interfaces, and touch nothing of the host: whatever they may use is handed to them.
 *
 *     runtime/        what an actor is; turns, mailboxes, supervision; hosts in a thread and in workers
 *     ledger_client/  reading and writing the ledger from an actor
 *     duties/         the common shape: look at the ledger, do what is missing
 *     work/           what those who execute programs share: programs, runs, a party's side of a dispute
 *     validator/      consensus and the ledger, on every node, voting or following
 *     provider/       computes tasks for pay
 *     challenger/     checks results and disputes wrong ones
 *     arbiter/        executes the one disputed operator
 *     market/         the front desk: checks programs, lists, explains
 *     requester/      posts tasks and brings outputs home
 *
 * `start_node.ts` puts a whole node together in one thread: the entry for embedding. To run an actor in a Deno worker, see
 * `runtime/worker_host_worker.ts`, which is a leaf and not exported here.
 *
 * @module
 */
export { type ActorRole, ROLE } from "./roles.ts";
export { type Node, type NodeOptions, type NodeRoles, startNode } from "./start_node.ts";
export {
  type Activity,
  type Actor,
  ActorError,
  type ActorErrorCode,
  type ActorEvent,
  type ActorId,
  type ActorNode,
  type ActorNodeOptions,
  type ActorSetup,
  codeOf,
  type Context,
  DEFAULT_SUPERVISION,
  type Envelope,
  type Failure,
  failureOf,
  inThread,
  type Outcome,
  startActorNode,
  type SupervisionPolicy,
  type SupervisionReport,
} from "./runtime/mod.ts";
export {
  type Done,
  FINALIZED,
  FinalizedNotice,
  LedgerAnswer,
  type LedgerCall,
  type LedgerClient,
  LedgerQuestion,
  makeLedgerClient,
  makeLightSource,
} from "./ledger_client/mod.ts";
export { DEFAULT_DUTY_TIMES, type DutyTimes } from "./duties/mod.ts";
export {
  type BlobAccess,
  checkOutputs,
  fetchTensor,
  findingOf,
  type Journal,
  makeBlobAccess,
  makeMemoryJournal,
  NamedTensor,
  OutputIndex,
  PartyAnswer,
  PartyQuestion,
  type WorkPowers,
} from "./work/mod.ts";
export { makeValidator, type ValidatorPowers, validatorTopics } from "./validator/mod.ts";
export { makeProvider, type ProviderPolicy } from "./provider/mod.ts";
export { type ChallengerPolicy, makeChallenger } from "./challenger/mod.ts";
export { type ArbiterPolicy, DEFAULT_ARBITER_POLICY, makeArbiter } from "./arbiter/mod.ts";
export { Estimate, makeMarket, MarketAnswer, MarketQuestion } from "./market/mod.ts";
export {
  makeRequester,
  RequesterAnswer,
  type RequesterPolicy,
  type RequesterPowers,
  RequesterQuestion,
} from "./requester/mod.ts";
