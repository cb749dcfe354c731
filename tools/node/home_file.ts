/**
 * A node's home: one folder with everything that must survive a restart.
 *
 *     key.json        the node's key, encrypted (see keystore_file.ts)
 *     genesis.json    what its chain starts from
 *     chain.sqlite    blocks, certificates, its own votes
 *     blobs/          models, data and results, by content
 *     journal/        private notes of its actors
 *     identity/       the WebRTC certificate that its address names
 *     api.json        how to reach the HTTP API, while it runs
 *
 * @module
 */
import {
  beaconSignerFromSeed,
  bytesToHex,
  formatAddress,
  signerFromSeed,
} from "../../ledger/primitives/mod.ts";
import { createKeyFile, openKeyFile } from "./keystore_file.ts";

/** Paths in a home. */
export interface Home {
  readonly root: string;
  readonly key: string;
  readonly genesis: string;
  readonly chain: string;
  readonly blobs: string;
  readonly journal: string;
  readonly identity: string;
}

/** The layout of the home at `root`. Touches nothing. */
export function homeAt(root: string): Home {
  return {
    root,
    key: `${root}/key.json`,
    genesis: `${root}/genesis.json`,
    chain: `${root}/chain.sqlite`,
    blobs: `${root}/blobs`,
    journal: `${root}/journal`,
    identity: `${root}/identity`,
  };
}

/** The passphrase of keys on this machine; empty means that keys lie open to whoever can read the disk. */
export function passphraseFromEnvironment(): string {
  return Deno.env.get("ASSAY_PASSPHRASE") ?? "";
}

/**
 * The seed of a home's key. Makes the home and the key if there is none and `create` says so.
 *
 * @throws {ToolError} `not_found`, or `bad_home` if the key does not open.
 */
export async function openOrCreateKey(home: Home, passphrase: string, create: boolean): Promise<Uint8Array> {
  if (create) {
    await Deno.mkdir(home.root, { recursive: true, mode: 0o700 });
    const exists = await Deno.stat(home.key).then(() => true, () => false);
    if (!exists) await createKeyFile(home.key, crypto.getRandomValues(new Uint8Array(32)), passphrase);
  }
  return await openKeyFile(home.key, passphrase);
}

/** The public side of a seed, in hexadecimal: what a genesis file names. */
export function publicSide(seed: Uint8Array): { readonly address: string; readonly beaconKey: string } {
  return {
    address: formatAddress(signerFromSeed(seed).address),
    beaconKey: bytesToHex(beaconSignerFromSeed(seed).publicKey),
  };
}
