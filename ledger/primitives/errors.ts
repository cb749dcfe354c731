/**
 * The shape that every error of Assay has: a stable `code` a program can act on, fields, and a sentence that says what
 * was wrong and what to do about it.
 *
 * @module
 */

/** Fields that describe the failing value. They are for people and logs, never for control flow. */
export type ErrorFields = Readonly<Record<string, string | number | bigint | boolean | undefined>>;

/**
 * Base of each module's one error class. `code` is stable across versions; `message` is a full sentence.
 *
 * @example
 * ```ts
 * import { CodedError } from "./errors.ts";
 * class KeyError extends CodedError<"bad_length"> {}
 * const error = new KeyError("bad_length", "A public key has 32 bytes: got 31. Pass the raw Ed25519 key.", { length: 31 });
 * console.assert(error.code === "bad_length" && error.name === "KeyError");
 * ```
 */
export class CodedError<Code extends string = string> extends Error {
  readonly code: Code;
  readonly fields: ErrorFields;

  constructor(code: Code, message: string, fields: ErrorFields = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.code = code;
    this.fields = fields;
  }
}

/** The sentence of any thrown value. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
