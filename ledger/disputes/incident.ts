/**
 * Engine incidents: when an engine turns out to give two results for one computation, no dispute about it can find anybody wrong.
 *
 *  1. A validator names an engine by name and kernel hash, as programs do. It names one at a time; naming another takes the former back.
 *  2. Once more than two thirds of the epoch's stake name the same, the engine is faulty from that height on.
 *  3. All disputes of its tasks end: nobody is slashed or fined, bonds return.
 *  4. All its tasks that are not final are refunded, less the pay of auditors who have done their part, and their providers are free. Results that were final before stay so: nobody can
 *     tell any more who was right.
 *  5. No task for it is posted any more. A repaired engine has another kernel hash, and so another name.
 *
 * PERF: the last vote walks all tasks that are not final, at most `MAX_ACTIVE_TASKS`.
 *
 * @module
 */
import { type Address, bytes32, equalBytes, type Hash, type Infer, record, text } from "../primitives/mod.ts";
import { type OperationRule, reject } from "../ops/mod.ts";
import {
  activeTasks,
  type BlockContext,
  engineKey,
  EngineName,
  engineOf,
  incidents,
  refundTask,
  type StateReader,
  type StateWriter,
  table,
  taskIdOf,
  taskOf,
  validatorSetOf,
} from "../state/mod.ts";
import { payForAbandonedAudit } from "../audits/mod.ts";
import { voidDispute } from "./close.ts";
import { openDisputesOf } from "./concurrency.ts";
import { appealQuorum } from "./tally.ts";

/** Validator: declares an engine faulty, as far as it is concerned. */
export const DeclareIncident = record("DeclareIncident", { engine: text(64), kernelHash: bytes32 });
/** See {@link DeclareIncident}. */
export type DeclareIncident = Infer<typeof DeclareIncident>;

/** The engine that a validator holds faulty, by its address: one each, so that there are never more votes than validators. */
const incidentVotes = table(46, "incident votes", (validator: Address) => validator, EngineName);

function validatorsOf(state: StateReader, { head }: Pick<BlockContext, "head">) {
  return validatorSetOf(state, head.epoch)?.validators ?? [];
}

function names(state: StateReader, validator: Address, key: Hash): boolean {
  const vote = incidentVotes.get(state, validator);
  return vote !== undefined && equalBytes(engineKey(vote), key);
}

/** Ends the disputes of a task, and the task. */
function endTask(state: StateWriter, context: BlockContext, id: Hash): void {
  for (const dispute of openDisputesOf(state, id)) voidDispute(state, context, dispute, "engine_incident");
  payForAbandonedAudit(state, context, id);
  refundTask(state, context, id);
}

function declare(state: StateWriter, context: BlockContext, engine: EngineName): void {
  const key = engineKey(engine);
  incidents.put(state, key, { ...engine, height: context.head.height });
  context.emit({ kind: "engine_incident", detail: engine.engine });
  for (const number of activeTasks.get(state)) {
    const task = taskOf(state, taskIdOf(state, number));
    if (equalBytes(engineKey(engineOf(task.program)), key)) endTask(state, context, task.id);
  }
}

/** The rule of {@link DeclareIncident}. */
export const declareIncidentRule: OperationRule<DeclareIncident> = {
  weight: 20n,
  rejects: ["not_a_validator", "already_declared", "already_voted"],
  reserved: true,
  check(state, context, engine) {
    const { sender } = context, key = engineKey(engine);
    if (!validatorsOf(state, context).some(({ address }) => equalBytes(address, sender))) {
      return reject("not_a_validator", "Only the validators of the present epoch declare an engine faulty.");
    }
    const incident = incidents.get(state, key);
    if (incident !== undefined) {
      return reject("already_declared", `${engine.engine} is held faulty since height ${incident.height}.`);
    }
    return names(state, sender, key)
      ? reject(
        "already_voted",
        "This validator has named the engine already. It counts as long as it names no other.",
      )
      : null;
  },
  apply(state, context, engine) {
    const { sender } = context, key = engineKey(engine);
    incidentVotes.put(state, sender, engine);
    context.emit({ kind: "incident_voted", account: sender, detail: engine.engine });
    const validators = validatorsOf(state, context);
    const sum = (members: typeof validators) => members.reduce((total, { stake }) => total + stake, 0n);
    const naming = sum(validators.filter(({ address }) => names(state, address, key)));
    if (naming >= appealQuorum(sum(validators))) declare(state, context, engine);
  },
};
