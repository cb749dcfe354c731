/**
 * Writing WebAssembly text from TypeScript: functions with named locals, loops, and vector expressions.
 *
 * An expression is its text. `b.vector(e)` evaluates `e` into a fresh local and returns the text that reads it, so that an
 * expression used twice is computed once.
 *
 * @module
 */
import { bitsOf } from "../../numbers/mod.ts";

/** The text of an expression or statement. */
export type Text = string;
type Type = "i32" | "f32" | "v128";

/** A function under construction. */
export interface Builder {
  /** Appends a statement. */
  put(statement: Text): void;
  /** Evaluates into a fresh local and returns the text that reads it. */
  vector(expression: Text): Text;
  integer(expression: Text): Text;
  float(expression: Text): Text;
  /** Declares a named local. */
  declare(name: string, type: Type): void;
  /** Runs the body `count` times; not at all if the count is 0. The count's local is used up. */
  times(count: string, body: () => void): void;
  when(condition: Text, then: () => void, otherwise?: () => void): void;
}

interface Signature {
  readonly name: string;
  /** Exported functions can be called by the host. */
  readonly exported?: boolean;
  readonly parameters: readonly (readonly [name: string, type: Type])[];
  readonly result?: Type;
}

/** The text of a function whose body the callback writes. */
export function defineFunction(signature: Signature, write: (b: Builder) => void): Text {
  const lines: Text[] = [];
  const locals: Text[] = [];
  let fresh = 0;
  const keep = (type: Type) => (expression: Text) => {
    const name = `t${fresh++}`;
    locals.push(`(local $${name} ${type})`);
    lines.push(`(local.set $${name} ${expression})`);
    return get(name);
  };
  const builder: Builder = {
    put: (statement) => lines.push(statement),
    vector: keep("v128"),
    integer: keep("i32"),
    float: keep("f32"),
    declare: (name, type) => locals.push(`(local $${name} ${type})`),
    times: (count, body) => {
      const label = `l${fresh++}`;
      lines.push(`(if (i32.gt_s ${get(count)} (i32.const 0)) (then (loop $${label}`);
      body();
      lines.push(`(br_if $${label} (local.tee $${count} (i32.sub ${get(count)} (i32.const 1)))))))`);
    },
    when: (condition, then, otherwise) => {
      lines.push(`(if ${condition} (then`);
      then();
      lines.push(")");
      if (otherwise) {
        lines.push("(else");
        otherwise();
        lines.push(")");
      }
      lines.push(")");
    },
  };
  write(builder);
  const body = hoistConstants(lines, locals);
  const parameters = signature.parameters.map(([name, type]) => `(param $${name} ${type})`).join(" ");
  const result = signature.result ? `(result ${signature.result})` : "";
  const exported = signature.exported === false ? "" : `(export "${signature.name}")`;
  return `(func $${signature.name} ${exported} ${parameters} ${result}\n${locals.join("\n")}\n${
    body.join("\n")
  })`;
}

/**
 * Keeps vector constants in locals that are set once. Where a constant stands, V8 makes it anew each time, from integer registers: kernels that
 * map elements took up to twice as long.
 */
function hoistConstants(lines: readonly Text[], locals: Text[]): readonly Text[] {
  const names = new Map<Text, string>();
  const body = lines.map((line) =>
    line.replaceAll(/\(v128\.const i32x4(?: \w+){4}\)/g, (constant) => {
      const name = names.get(constant) ?? `constant${names.size}`;
      names.set(constant, name);
      return get(name);
    })
  );
  for (const name of names.values()) locals.push(`(local $${name} v128)`);
  return [...Array.from(names, ([constant, name]) => set(name, constant)), ...body];
}

/** Parameters of type i32. */
export function integers(...names: readonly string[]): readonly (readonly [string, Type])[] {
  return names.map((name) => [name, "i32"]);
}

/** Reads a local. */
export const get = (name: string): Text => `(local.get $${name})`;

/** Assigns a local. */
export const set = (name: string, expression: Text): Text => `(local.set $${name} ${expression})`;

/** Applies an instruction to operands. */
export const apply = (instruction: string, ...operands: readonly Text[]): Text =>
  `(${instruction} ${operands.join(" ")})`;

/** An i32 constant. */
export const int = (value: number): Text => `(i32.const ${value})`;

/** Adds to an i32 local. */
export const advance = (name: string, by: number | Text): Text =>
  set(name, apply("i32.add", get(name), typeof by === "number" ? int(by) : by));

/** Four equal 32-bit words. */
export function splatBits(bits: number): Text {
  const word = `0x${(bits >>> 0).toString(16)}`;
  return `(v128.const i32x4 ${word} ${word} ${word} ${word})`;
}

/** Four equal binary32 values, by their bits. */
export const splat = (value: number): Text => splatBits(bitsOf(value));

/** A binary32 constant, by its bits. */
export const float = (value: number): Text => `(f32.reinterpret_i32 (i32.const ${bitsOf(value)}))`;

/** Loads or stores of vectors at a byte offset. */
export const load = (address: Text, offset = 0): Text => `(v128.load offset=${offset} ${address})`;
export const store = (address: Text, value: Text, offset = 0): Text =>
  `(v128.store offset=${offset} ${address} ${value})`;

/** Stores the first one to three lanes of a vector, as many as the local `count` says. */
export function storeFirst(b: Builder, address: string, value: Text, count: string): void {
  [0, 1, 2].forEach((lane) =>
    b.when(
      apply("i32.gt_s", get(count), int(lane)),
      () => b.put(`(v128.store32_lane offset=${lane * 4} ${lane} ${get(address)} ${value})`),
    )
  );
}
