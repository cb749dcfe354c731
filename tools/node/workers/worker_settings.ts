/**
 * What a node hands to the workers of its actors: plain data, and stand-ins for the services of the host.
 *
 * @module
 */
import type { BlobAccess, Journal, LedgerClient, ProviderPolicy, WorkPowers } from "../../../actors/mod.ts";
import type { WorkerStart } from "../../../actors/runtime/worker_entry_worker.ts";
import type { Executor } from "../../../executor/mod.ts";
import type { Genesis, Operation } from "../../../ledger/mod.ts";
import type { Timing } from "../../../ledger/node/mod.ts";
import type { NodeHistory } from "../node_plan.ts";

/** Names of the host's services. */
export const SERVICE = {
  ledger: "ledger",
  blobs: "blobs",
  executor: "executor",
  journal: "journal",
  network: "network",
} as const;

/** What the validator's worker asks of its host about the network. */
export interface NetworkService {
  peers(): Promise<readonly string[]>;
  penalize(peer: string, reason: string): Promise<void>;
}

/** The ledger client as a service: its address, no method, is in the settings. */
export type LedgerService = Omit<LedgerClient, "address">;

/** Settings of the validator's worker. It alone holds the key besides the host, because it votes if its account is a validator. */
export interface ValidatorSettings {
  readonly kind: "validator";
  readonly seed: Uint8Array;
  /** Whether the node votes where the chain lets it; else it follows, whatever it has staked. */
  readonly votes: boolean;
  readonly genesis: Genesis;
  readonly store: string;
  readonly timing: Partial<Timing>;
  readonly history: NodeHistory;
}

/** Settings of the other actors' workers. */
export interface WorkSettings {
  readonly kind: "work";
  readonly address: Uint8Array;
  readonly provider: ProviderPolicy;
}

function isOfKind<K extends string>(settings: unknown, kind: K): settings is { readonly kind: K } {
  return typeof settings === "object" && settings !== null && "kind" in settings && settings.kind === kind;
}

/** The settings of a validator's worker. Throws `TypeError` for anything else: a bug of the host. */
export function validatorSettings({ settings }: WorkerStart): ValidatorSettings {
  if (!isOfKind(settings, "validator")) throw new TypeError("The worker needs a validator's settings");
  return settings as ValidatorSettings;
}

/** The settings of a working actor's worker. Throws `TypeError` for anything else: a bug of the host. */
export function workSettings({ settings }: WorkerStart): WorkSettings {
  if (!isOfKind(settings, "work")) throw new TypeError("The worker needs a working actor's settings");
  return settings as WorkSettings;
}

function ledgerOf({ service }: WorkerStart, address: Uint8Array): LedgerClient {
  const remote = service<LedgerService>(SERVICE.ledger);
  return {
    address,
    // Only the signal crosses over: what else a caller's activity holds stays with it.
    prove: (input, { signal }) => remote.prove(input, { signal }),
    query: (name, argument, { signal }) => remote.query(name, argument, { signal }),
    submit: (operation, { signal }) => remote.submit(operation, { signal }),
    operations: (height, { signal }) => remote.operations(height, { signal }),
  };
}

/** The powers of an actor that executes programs, all served by the host. */
export function workPowers(start: WorkerStart): WorkPowers {
  return {
    ledger: ledgerOf(start, workSettings(start).address),
    blobs: start.service<BlobAccess>(SERVICE.blobs),
    executor: start.service<Executor>(SERVICE.executor),
    journal: start.service<Journal>(SERVICE.journal),
  };
}

/** Does operations in the node's name. */
export function submitter(
  { service }: WorkerStart,
): (operation: Operation, call: { readonly signal: AbortSignal }) => Promise<void> {
  const remote = service<LedgerService>(SERVICE.ledger);
  return async (operation, { signal }) => {
    await remote.submit(operation, { signal });
  };
}
