/**
 * The one entry of everything a person runs: `deno task assay ...`, `deno task node`, `deno task demo`, and the compiled binary.
 *
 * Exit status: 0 done; 1 it failed, for the reason printed; 2 the command line is off; 130 interrupted by Ctrl-C (143 by SIGTERM).
 * Ctrl-C lets the command stop cleanly; a second one does not wait for that.
 *
 * @module
 */
import { CodedError, messageOf } from "../ledger/primitives/mod.ts";
import { type Command, readArguments, usageOf } from "./cli/command.ts";
import { type CommandEntry, COMMANDS, commandsOfGroup, findCommand } from "./cli/commands.ts";
import { ToolError } from "./errors.ts";
import { EXECUTOR_COMMAND } from "./node/executor_command.ts";

/** Exit status of a command line that says nothing sensible, as shells have it. */
const USAGE_STATUS = 2;

/** Signals that ask for an end, and the exit status that tells of them: 128 and the signal's number. */
const ENDING: Readonly<Partial<Record<Deno.Signal, number>>> = { SIGINT: 130, SIGTERM: 143 };

const HELP_WORDS: ReadonlySet<string> = new Set(["--help", "-h", "help"]);

/** Lines that list commands, each with its summary. */
async function listing(entries: readonly CommandEntry[]): Promise<string> {
  const commands = await Promise.all(entries.map(({ load }) => load()));
  return commands.map(({ name, positional, summary }) => {
    const left = [name, ...positional].join(" ");
    return `  ${left.padEnd(30)} ${summary}`;
  }).join("\n");
}

async function helpText(): Promise<string> {
  return [
    "assay: an open network for deep-learning compute that nobody has to trust.",
    "",
    await listing(COMMANDS),
    "",
    "`assay COMMAND --help` explains one. Commands that talk to a node find it through its home (--home, default .assay).",
  ].join("\n");
}

/** What to say to words that are no command. */
async function noSuchCommand(words: readonly string[]): Promise<string> {
  const [first = ""] = words;
  const group = commandsOfGroup(first);
  if (group.length > 0) {
    return `"${words.slice(0, 2).join(" ")}" is no command. There are:\n\n${await listing(group)}`;
  }
  return `There is no command "${first}".\n\n${await helpText()}`;
}

async function runCommand(command: Command, words: readonly string[], signal: AbortSignal): Promise<number> {
  if (words.some((word) => word === "--help" || word === "-h")) {
    console.log(usageOf(command));
    return 0;
  }
  return await command.run(readArguments(command, words), signal);
}

/** Runs a command line; the number is the exit status. */
async function run(words: readonly string[], signal: AbortSignal): Promise<number> {
  const [first] = words;
  if (first === undefined) {
    console.error(await helpText());
    return USAGE_STATUS;
  }
  if (HELP_WORDS.has(first)) {
    console.log(await helpText());
    return 0;
  }
  if (first === EXECUTOR_COMMAND) {
    const { serveOnStandardStreams } = await import("../executor/child/main_deno.ts");
    await serveOnStandardStreams(words.slice(1));
    return 0;
  }
  const found = findCommand(words);
  if (found === undefined) {
    console.error(await noSuchCommand(words));
    return USAGE_STATUS;
  }
  return await runCommand(await found.entry.load(), found.words, signal);
}

/** Tells of a failure: a sentence for what was foreseen, everything there is for what was not. */
function tellFailure(thrown: unknown): number {
  if (thrown instanceof CodedError) {
    console.error(thrown.message);
    return thrown instanceof ToolError && thrown.code === "usage" ? USAGE_STATUS : 1;
  }
  if (thrown instanceof Deno.errors.NotCapable) {
    console.error(
      `${
        messageOf(thrown)
      }\nThe task grants what it usually needs: see deno.json. Files are written below this folder.`,
    );
    return 1;
  }
  console.error("This should not have happened; please report it:", thrown);
  return 1;
}

/** Listens for signals. The status is that of the first one that came, if one did. */
function listenForEnd(controller: AbortController): { status(): number | undefined } {
  let status: number | undefined;
  for (const [name, code] of Object.entries(ENDING)) {
    if (Deno.build.os === "windows" && name !== "SIGINT") continue; // the only one Windows has
    Deno.addSignalListener(name as Deno.Signal, () => {
      if (status !== undefined) Deno.exit(code);
      status = code;
      controller.abort(new ToolError("failed", "Interrupted."));
    });
  }
  return { status: () => status };
}

/** The whole program. Never returns: the native parts of a node would keep the process. */
async function main(): Promise<never> {
  const controller = new AbortController();
  // An executor ends with its input, when the node that started it ends: a Ctrl-C for the whole terminal is not its business.
  const end = listenForEnd(controller);
  try {
    const code = await run(Deno.args, controller.signal);
    Deno.exit(end.status() ?? code);
  } catch (thrown) {
    const interrupted = end.status();
    Deno.exit(interrupted ?? tellFailure(thrown));
  }
}

if (import.meta.main) await main();
