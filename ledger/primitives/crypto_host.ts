/**
 * The host's own cryptography where there is one (Deno, Node), several times faster than portable code. A leaf: the only
 * place of the primitives that knows of `node:` modules, and without an import of one, which would break a browser bundle.
 *
 * @module
 */

/** The part of `node:crypto` that the primitives use. */
export interface NodeCrypto {
  createHash(algorithm: "sha256"): { update(data: Uint8Array): unknown; digest(): Uint8Array };
  /** One call for one input; absent from older hosts. Hexadecimal text is the cheapest form that it hands out. */
  hash?(algorithm: "sha256", data: Uint8Array, encoding: "hex"): string;
  createPublicKey(key: { key: Uint8Array; format: "der"; type: "spki" }): unknown;
  createPrivateKey(key: { key: Uint8Array; format: "der"; type: "pkcs8" }): unknown;
  sign(algorithm: null, message: Uint8Array, key: unknown): Uint8Array;
  verify(algorithm: null, message: Uint8Array, key: unknown, signature: Uint8Array): boolean;
}

let found: NodeCrypto | null | undefined;

/** `node:crypto`, or `null` on a host without it. */
export function nodeCrypto(): NodeCrypto | null {
  if (found === undefined) {
    const host = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
    found = (host.process?.getBuiltinModule?.("node:crypto") as NodeCrypto | undefined) ?? null;
  }
  return found;
}
