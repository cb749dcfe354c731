/**
 * The version of the rules that a program executes, and the version that the chain demands.
 *
 * Upgrades happen between epochs, because the last block of an epoch is final before the next epoch begins: a program that is too
 * old stops with everything final, having voted on nothing that it does not understand.
 *
 * @module
 */
import { CodedError, type Infer, record, u32, u64 } from "../primitives/mod.ts";
import { type StateReader, type StateWriter, table } from "../state/mod.ts";

/** Version of the rules in this program. Raise it with every change of what a block does. */
export const PROTOCOL_VERSION = 1;

/** This program is too old for the chain. */
export class UpgradeError extends CodedError<"upgrade_required"> {}

/** The newest version that was voted for, and the first height that is executed by it. */
export const PlannedUpgrade = record("PlannedUpgrade", { version: u32, height: u64 });
/** See {@link PlannedUpgrade}. */
export type PlannedUpgrade = Infer<typeof PlannedUpgrade>;

const planned = table<null, PlannedUpgrade>(65, "planned upgrade", () => new Uint8Array(), PlannedUpgrade);

/** The last upgrade that was voted for; in force once its height is reached. */
export function plannedUpgrade(state: StateReader): PlannedUpgrade | undefined {
  return planned.get(state, null);
}

/** Plans an upgrade. */
export function planUpgrade(state: StateWriter, upgrade: PlannedUpgrade): void {
  planned.put(state, null, upgrade);
}

/**
 * Requires that a program knows the rules of a height.
 *
 * @param version The program's protocol version.
 * @throws {UpgradeError} `upgrade_required`: the node must stop.
 */
export function requireProtocol(state: StateReader, height: bigint, version: number): void {
  const upgrade = plannedUpgrade(state);
  if (upgrade === undefined || height < upgrade.height || version >= upgrade.version) return;
  throw new UpgradeError(
    "upgrade_required",
    `From height ${upgrade.height} on the chain follows protocol version ${upgrade.version}: this program knows version ${version}. ` +
      "Install a newer one and start the node again; nothing is lost.",
    { height, needed: upgrade.version, known: version },
  );
}
