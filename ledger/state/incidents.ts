/**
 * Engines that the validators have declared faulty, by name and kernel hash: another version of an engine has another hash.
 *
 * @module
 */
import {
  bytes32,
  encode,
  type Hash,
  hash,
  type Infer,
  type Program,
  record,
  text,
  u64,
} from "../primitives/mod.ts";
import { type StateReader, table } from "./table.ts";

/** An engine as programs name it. */
export const EngineName = record("EngineName", { engine: text(64), kernelHash: bytes32 });
/** See {@link EngineName}. */
export type EngineName = Infer<typeof EngineName>;

/** An incident: the engine, and the height from which it is held faulty. */
export const Incident = record("Incident", { engine: text(64), kernelHash: bytes32, height: u64 });
/** See {@link Incident}. */
export type Incident = Infer<typeof Incident>;

/** Incidents by {@link engineKey}. Each takes a quorum of the validators. */
export const incidents = table(47, "incidents", (key: Hash) => key, Incident);

/** Key of an engine. */
export function engineKey(name: EngineName): Hash {
  return hash("assay/engine", encode(EngineName, name));
}

/** The engine that a program names. */
export function engineOf({ engine, engineHash }: Program): EngineName {
  return { engine, kernelHash: engineHash };
}

/** The incident of the engine that a program names, if it was declared faulty. */
export function incidentOf(state: StateReader, program: Program): Incident | undefined {
  return incidents.get(state, engineKey(engineOf(program)));
}
