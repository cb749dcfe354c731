/**
 * Reads fields of untyped objects, such as YAML gives, with errors that name the field.
 *
 * @module
 */
import { ExecutorError } from "../errors.ts";

/** Reads a value found at `path`; throws `malformed_file` if it is not of the reader's kind. */
export type Reader<T> = (value: unknown, path: string) => T;

/** The error for a field, with the value seen and what is allowed. */
export function fieldError(path: string, expected: string, seen: unknown): ExecutorError {
  const shown = seen === undefined
    ? "nothing"
    : JSON.stringify(seen, (_, v) => typeof v === "bigint" ? String(v) : v) ?? "?";
  const where = path === "" ? "The job" : `The field "${path}" of the job`;
  return new ExecutorError("malformed_file", `${where} must be ${expected}: got ${shown.slice(0, 80)}.`, {
    field: path,
  });
}

function reader<T>(expected: string, test: (value: unknown) => value is T): Reader<T> {
  return (value, path) => {
    if (!test(value)) throw fieldError(path, expected, value);
    return value;
  };
}

/** Text that is not empty. */
export const text: Reader<string> = reader(
  "text",
  (value): value is string => typeof value === "string" && value !== "",
);

/** `true` or `false`. */
export const truth: Reader<boolean> = reader(
  "true or false",
  (value): value is boolean => typeof value === "boolean",
);

/** An integer in [low, high]. */
export function integer(low: number, high: number): Reader<number> {
  return reader(
    `an integer from ${low} to ${high}`,
    (value): value is number =>
      typeof value === "number" && Number.isInteger(value) && value >= low && value <= high,
  );
}

/** A number in [low, high]. */
export function number(low: number, high: number): Reader<number> {
  return reader(
    `a number from ${low} to ${high}`,
    (value): value is number => typeof value === "number" && value >= low && value <= high,
  );
}

/** One of a few words. */
export function word<const W extends readonly string[]>(...words: W): Reader<W[number]> {
  return (value, path) => {
    const found = words.find((candidate) => candidate === value);
    if (found === undefined) throw fieldError(path, `one of ${words.join(", ")}`, value);
    return found;
  };
}

/** A list of values of one kind. */
export function listOf<T>(item: Reader<T>): Reader<readonly T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) throw fieldError(path, "a list", value);
    return value.map((entry, i) => item(entry, `${path}[${i}]`));
  };
}

/** An object of values of one kind, by free names. */
export function mapOf<T>(item: Reader<T>): Reader<Readonly<Record<string, T>>> {
  return (value, path) =>
    Object.fromEntries(
      Object.entries(plainObject(value, path)).map(([name, entry]) => [name, item(entry, join(path, name))]),
    );
}

/** Reads an object's fields one by one and, at the end, refuses those that nobody read. */
export interface FieldReader {
  required<T>(name: string, read: Reader<T>): T;
  optional<T>(name: string, read: Reader<T>): T | undefined;
  optional<T>(name: string, read: Reader<T>, fallback: T): T;
  /** Throws for a field that was not asked for: most are misspelt. */
  finish(): void;
}

/** The fields of an object found at `path`. */
export function fieldsOf(value: unknown, path: string): FieldReader {
  const object = plainObject(value, path), asked = new Set<string>();
  const take = (name: string) => {
    asked.add(name);
    return Object.hasOwn(object, name) ? object[name] : undefined;
  };
  return {
    required: (name, read) => read(take(name), join(path, name)),
    optional<T>(name: string, read: Reader<T>, fallback?: T) {
      const found = take(name);
      return found === undefined || found === null ? fallback : read(found, join(path, name));
    },
    finish() {
      const unknown = Object.keys(object).find((name) => !asked.has(name));
      if (unknown === undefined) return;
      throw new ExecutorError(
        "malformed_file",
        `The field "${join(path, unknown)}" of the job is unknown: allowed here are ${
          [...asked].join(", ")
        }.`,
        { field: join(path, unknown) },
      );
    },
  };
}

function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

function plainObject(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  throw fieldError(path, "an object with named fields", value);
}
