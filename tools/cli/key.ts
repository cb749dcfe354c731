/**
 * `assay key new` and `assay key restore`: the key of a node's home.
 *
 * @module
 */
import { ToolError } from "../errors.ts";
import { homeAt, passphraseFromEnvironment, publicSide } from "../node/home_file.ts";
import { createKeyFile, openKeyFile, seedFromWords, seedToWords } from "../node/keystore_file.ts";
import type { Command } from "./command.ts";
import { HOME_OPTION, homeOf } from "./connect.ts";
import { fieldLines } from "./show.ts";

async function writeKey(root: string, seed: Uint8Array, passphrase: string): Promise<void> {
  await Deno.mkdir(root, { recursive: true, mode: 0o700 });
  await createKeyFile(homeAt(root).key, seed, passphrase);
}

function printPublicSide(seed: Uint8Array): void {
  const { address, beaconKey } = publicSide(seed);
  console.log(fieldLines([["address", address], ["beacon key", beaconKey]]).join("\n"));
}

function warnIfOpen(passphrase: string): void {
  if (passphrase === "") {
    console.error("The key is not protected: set ASSAY_PASSPHRASE before making one that holds money.");
  }
}

/** Makes a key and shows its words once. */
export const keyNewCommand: Command = {
  name: "key new",
  summary: "Makes the key of a node's home, and shows the 24 words that restore it. They are shown once.",
  positional: [],
  options: { ...HOME_OPTION },
  async run(args) {
    const passphrase = passphraseFromEnvironment();
    const seed = crypto.getRandomValues(new Uint8Array(32));
    await writeKey(homeOf(args), seed, passphrase);
    printPublicSide(seed);
    console.log(`\nWrite these words down; whoever has them has the key:\n\n  ${seedToWords(seed)}\n`);
    warnIfOpen(passphrase);
    return 0;
  },
};

/** Restores a key from its words, read from standard input so that they stay out of the shell's history. */
export const keyRestoreCommand: Command = {
  name: "key restore",
  summary: "Restores the key of a node's home from its 24 words, read from standard input.",
  positional: [],
  options: { ...HOME_OPTION },
  async run(args) {
    const passphrase = passphraseFromEnvironment();
    const words = Deno.stdin.isTerminal()
      ? prompt("The 24 words:")
      : await new Response(Deno.stdin.readable).text();
    if (words === null || words.trim() === "") throw new ToolError("usage", "No words were given.");
    const seed = seedFromWords(words);
    await writeKey(homeOf(args), seed, passphrase);
    printPublicSide(seed);
    warnIfOpen(passphrase);
    return 0;
  },
};

/** Shows the public side of a home's key. */
export const keyShowCommand: Command = {
  name: "key show",
  summary: "Shows the address and beacon key of a node's home.",
  positional: [],
  options: { ...HOME_OPTION },
  async run(args) {
    printPublicSide(await openKeyFile(homeAt(homeOf(args)).key, passphraseFromEnvironment()));
    return 0;
  },
};
