/**
 * SHA-256 of short inputs in WebAssembly: one call into a small memory, without the object that a call of the host makes for each hash.
 *
 * @module
 */
import { smallBytes } from "../small_bytes.ts";
import { DIGEST_AT, DIGEST_BYTES, INPUT_AT } from "./layout.ts";
import { SHA256_BASE64 } from "./sha256_binary.ts";

/** SHA-256 of the parts joined: `MOST_INPUT_BYTES` of them at most. */
export type ShortHash = (parts: readonly Uint8Array[]) => Uint8Array;

/** The module, started; `null` on a host that has no WebAssembly, or whose page may not use it. */
export function startShortHash(): ShortHash | null {
  const exports = instantiate();
  const memory = exports?.memory, digest: unknown = exports?.digest;
  if (!(memory instanceof WebAssembly.Memory) || typeof digest !== "function") return null;
  const input = new Uint8Array(memory.buffer, INPUT_AT);
  const output = new Uint8Array(memory.buffer, DIGEST_AT, DIGEST_BYTES);
  return (parts) => {
    let length = 0;
    for (const part of parts) {
      input.set(part, length);
      length += part.length;
    }
    digest(length);
    const copy = smallBytes(DIGEST_BYTES);
    copy.set(output);
    return copy;
  };
}

function instantiate(): WebAssembly.Exports | undefined {
  try {
    const module = new WebAssembly.Module(Uint8Array.fromBase64(SHA256_BASE64));
    return new WebAssembly.Instance(module).exports;
  } catch {
    return undefined; // portable code does the same, slower
  }
}
