/**
 * SHA-256 of short inputs in WebAssembly: one call into a small memory, without the object that a call of the host makes for each hash; and
 * four inputs of one length in about the time of one.
 *
 * @module
 */
import { smallBytes } from "../small_bytes.ts";
import { DIGEST_AT, DIGEST_BYTES, INPUT_AT, LANE_BYTES, LANES } from "./layout.ts";
import { SHA256_BASE64 } from "./sha256_binary.ts";

/** The module, started. Inputs come in parts, `MOST_INPUT_BYTES` of them together at most. */
export interface Sha256Module {
  /** SHA-256 of the parts joined. */
  one(parts: readonly Uint8Array[]): Uint8Array;
  /** The same of {@link LANES} inputs from `from` on, all as long as the first, and each with the prefix before it. */
  each(prefix: Uint8Array, inputs: readonly (readonly Uint8Array[])[], from: number): Uint8Array[];
}

/** Starts the module; `null` on a host that has no WebAssembly, or whose page may not use it. */
export function startSha256(): Sha256Module | null {
  const exports = instantiate();
  const memory = exports?.memory, digest: unknown = exports?.digest, digests: unknown = exports?.digests;
  if (!(memory instanceof WebAssembly.Memory)) return null;
  if (typeof digest !== "function" || typeof digests !== "function") return null;
  const view = (at: number, length?: number) => new Uint8Array(memory.buffer, at, length);
  const all = view(0);
  const outputs = Array.from(
    { length: LANES },
    (_, lane) => view(DIGEST_AT + lane * DIGEST_BYTES, DIGEST_BYTES),
  );
  const [first = all] = outputs;
  const write = (parts: readonly Uint8Array[], start: number): number => {
    let at = start;
    for (const part of parts) {
      all.set(part, at);
      at += part.length;
    }
    return at - start;
  };
  const read = (output: Uint8Array): Uint8Array => {
    const copy = smallBytes(DIGEST_BYTES);
    copy.set(output);
    return copy;
  };
  return {
    one(parts) {
      digest(write(parts, INPUT_AT));
      return read(first);
    },
    each(prefix, inputs, from) {
      let length = 0;
      for (let lane = 0; lane < LANES; lane++) {
        const start = INPUT_AT + lane * LANE_BYTES;
        all.set(prefix, start);
        length = prefix.length + write(inputs[from + lane] ?? [], start + prefix.length);
      }
      digests(length);
      return outputs.map(read);
    },
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
