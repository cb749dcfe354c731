/**
 * Every node of a simulated network checks the same signatures. The host's verifier is asked once for each; its answer is the same
 * for all.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import crypto from "node:crypto";

/** Answers kept: those of some hundred blocks. */
const REMEMBERED = 100_000;

/** How signatures are verified; `always` accepts everything, for the mutation that forgets to look. */
export type Verification = "once" | "always";

/** Has the host's Ed25519 verifier, which `ledger/primitives` asks first, remember its answers. Returns what puts it back. */
function remember(verification: Verification): () => void {
  const { verify } = crypto;
  const answers = new Map<string, boolean>();
  const keyNumbers = new WeakMap<object, number>();
  let keys = 0;
  const numberOf = (key: object) => {
    const number = keyNumbers.get(key) ?? keys++;
    keyNumbers.set(key, number);
    return number;
  };
  const verifyOnce = (algorithm: null, message: Uint8Array, key: crypto.KeyObject, signature: Uint8Array) => {
    if (verification === "always") return true;
    const question = `${numberOf(key)} ${Buffer.concat([signature, message]).toString("latin1")}`;
    const known = answers.get(question);
    if (known !== undefined) return known;
    const answer = verify(algorithm, message, key, signature);
    if (answers.size >= REMEMBERED) answers.clear();
    answers.set(question, answer);
    return answer;
  };
  Object.assign(crypto, { verify: verifyOnce });
  return () => Object.assign(crypto, { verify });
}

/** Runs something while signatures are verified so. */
export function withVerification<T>(verification: Verification, run: () => T): T {
  const putBack = remember(verification);
  try {
    return run();
  } finally {
    putBack();
  }
}

/** Runs something that takes its time while each signature is verified once. One at a time: the verifier is the host's. */
export async function verifyingOnce<T>(run: () => Promise<T>): Promise<T> {
  const putBack = remember("once");
  try {
    return await run();
  } finally {
    putBack();
  }
}
