/**
 * Registers the BLS key with which a validator contributes to the beacon, or replaces it.
 *
 * It takes effect two epochs ahead: the set of the next epoch was fixed, with its keys, at the beginning of this one. So nobody can
 * choose a key after it knows the beacon that the key would change.
 *
 * @module
 */
import {
  BEACON_KEY_BYTES,
  BEACON_SIGNATURE_BYTES,
  fixedBytes,
  type Infer,
  record,
  verifyPossession,
} from "../primitives/mod.ts";
import { beaconKeys, canAct, minimumStake } from "../state/mod.ts";
import { type OperationRule, reject } from "./operation.ts";

/** See the module. */
export const RegisterBeaconKey = record("RegisterBeaconKey", {
  /** A point of G1. */
  publicKey: fixedBytes(BEACON_KEY_BYTES),
  /** Shows that the sender knows the secret: `BeaconSigner.provePossession(sender)`. */
  proof: fixedBytes(BEACON_SIGNATURE_BYTES),
});
/** See {@link RegisterBeaconKey}. */
export type RegisterBeaconKey = Infer<typeof RegisterBeaconKey>;

/** The rule of {@link RegisterBeaconKey}. */
export const registerBeaconKeyRule: OperationRule<RegisterBeaconKey> = {
  // Verifying a BLS proof takes about as long as a hundred Ed25519 signatures.
  weight: 100n,
  rejects: ["not_a_validator", "bad_proof_of_possession"],
  check(state, context, { publicKey, proof }) {
    const { sender, params } = context;
    if (!canAct(state, context, "validator", sender)) {
      return reject(
        "not_a_validator",
        `A beacon key needs a validator stake of at least ${minimumStake(params, "validator")}, not jailed.`,
      );
    }
    if (verifyPossession(proof, publicKey, sender)) return null;
    return reject(
      "bad_proof_of_possession",
      "The proof does not show that the sender knows the key's secret. Make it for the sender's address.",
    );
  },
  apply(state, context, { publicKey }) {
    beaconKeys.put(state, context.sender, publicKey);
    context.emit({
      kind: "beacon_key_registered",
      account: context.sender,
      detail: `in force from epoch ${context.head.epoch + 2n}`,
    });
  },
};
