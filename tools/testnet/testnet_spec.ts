/**
 * What a test network consists of.
 *
 * @module
 */
import type { ProviderPolicy } from "../../actors/mod.ts";
import type { Fault } from "../../executor/mod.ts";
import type { Params } from "../../ledger/mod.ts";
import type { Timing } from "../../ledger/node/mod.ts";
import type { NodeRole } from "../node/node_plan.ts";

/** One provider of a test network. */
export interface ProviderSpec {
  readonly policy?: Partial<ProviderPolicy>;
  /** The lie that it tells; honest without one. */
  readonly fault?: Fault;
}

/** See the module. Each member is a node of its own; all follow the chain. */
export interface TestnetSpec {
  /** At least 1. Four bear the failure of one. */
  readonly validators: number;
  readonly markets?: number;
  readonly providers?: readonly ProviderSpec[];
  readonly challengers?: number;
  readonly arbiters?: number;
  readonly requesters?: number;
  readonly engine?: string;
  readonly params?: Partial<Params>;
  readonly timing?: Partial<Timing>;
}

/** One member before it is started. */
export interface Member {
  /** Role and number, for example `provider-2`. */
  readonly name: string;
  readonly role: NodeRole;
  readonly provider?: ProviderSpec;
}

/** The members of a network, validators first. */
export function membersOf(spec: TestnetSpec): readonly Member[] {
  const several = (role: NodeRole, count: number): readonly Member[] =>
    Array.from({ length: count }, (_, i) => ({ name: `${role}-${i + 1}`, role }));
  return [
    ...several("validator", spec.validators),
    ...several("market", spec.markets ?? 0),
    ...(spec.providers ?? []).map((provider, i): Member => ({
      name: `provider-${i + 1}`,
      role: "provider",
      provider,
    })),
    ...several("challenger", spec.challengers ?? 0),
    ...several("arbiter", spec.arbiters ?? 0),
    ...several("requester", spec.requesters ?? 0),
  ];
}
