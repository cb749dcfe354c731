/**
 * What a command of `assay` is.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse_args.js";
import { ToolError } from "../errors.ts";

/** Options of a command: what stands in its usage, and how its values are read. */
export interface OptionSpec {
  readonly description: string;
  /** `flag` takes no value. `list` may be given several times or with commas. */
  readonly kind: "flag" | "text" | "list";
  /** What the value is called in the usage, for example `DIR`. */
  readonly value?: string;
}

/** What a command was given. */
export interface Arguments {
  readonly positional: readonly string[];
  flag(name: string): boolean;
  text(name: string): string | undefined;
  list(name: string): readonly string[];
}

/** One command. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  /** Names of the positional arguments, `[NAME]` where optional, for example `["JOB"]`. */
  readonly positional: readonly string[];
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** Runs it; the number is the exit status. `signal` fires on Ctrl-C. */
  run(args: Arguments, signal: AbortSignal): Promise<number>;
}

/** The text of `assay COMMAND --help`. */
export function usageOf(command: Command): string {
  const positional = command.positional.map((name) => ` ${name}`).join("");
  const options = Object.entries(command.options).map(([name, { description, value, kind }]) => {
    const left = kind === "flag" ? `--${name}` : `--${name} ${value ?? "VALUE"}`;
    return `  ${left.padEnd(26)} ${description}`;
  });
  return [`assay ${command.name}${positional}`, `  ${command.summary}`, ...options].join("\n");
}

/**
 * Reads a command line.
 *
 * @throws {ToolError} `usage` for an unknown option, a missing value, or too few or many positional arguments.
 */
export function readArguments(command: Command, words: readonly string[]): Arguments {
  const named = Object.entries(command.options);
  const namesOf = (kind: OptionSpec["kind"]) =>
    named.filter(([, spec]) => spec.kind === kind).map(([name]) => name);
  const unknown: string[] = [];
  const parsed: Record<string, unknown> & { _: unknown[] } = parseArgs([...words], {
    boolean: namesOf("flag"),
    string: [...namesOf("text"), ...namesOf("list"), "_"],
    collect: namesOf("list"),
    unknown: (word: string, key?: string) => {
      if (key !== undefined) unknown.push(word);
      return key === undefined;
    },
  });
  const wrong = (what: string) => new ToolError("usage", `${what}\n\n${usageOf(command)}`);
  if (unknown.length > 0) throw wrong(`There is no option ${unknown.join(" ")}.`);
  const positional = parsed._.map(String);
  const required = command.positional.filter((name) => !name.startsWith("["));
  if (positional.length < required.length) {
    throw wrong(`Missing: ${required.slice(positional.length).join(" ")}.`);
  }
  if (positional.length > command.positional.length) {
    throw wrong(`Too much: ${positional.slice(command.positional.length).join(" ")}.`);
  }
  for (const name of namesOf("text")) if (parsed[name] === "") throw wrong(`--${name} needs a value.`);
  return {
    positional,
    flag: (name) => parsed[name] === true,
    text: (name) => typeof parsed[name] === "string" ? parsed[name] : undefined,
    list: (name) => {
      const values = parsed[name];
      return Array.isArray(values)
        ? values.flatMap((value) => String(value).split(",")).filter((v) => v !== "")
        : [];
    },
  };
}
