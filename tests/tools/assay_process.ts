/**
 * The tools as a person runs them: processes with the command lines, and so the permissions, of the tasks in deno.json.
 *
 * @module
 */
import { TextLineStream } from "@std/streams/mod.js";

const ROOT: string = new URL("../..", import.meta.url).pathname;

/** How long a command that only asks a node may take on a machine that does ten other things. */
const COMMAND_MS = 90_000;

/** The arguments of Deno that a task of deno.json stands for, good in any folder. */
export async function taskArguments(task: string): Promise<readonly string[]> {
  const { tasks } = JSON.parse(await Deno.readTextFile(`${ROOT}/deno.json`));
  const command: string = tasks[task].command;
  const [verb = "", ...rest] = command.replace(/^deno /, "").split(" ");
  return [
    verb,
    "--config",
    `${ROOT}/deno.json`,
    ...rest.map((word) => word.startsWith("tools/") ? ROOT + word : word),
  ];
}

/** What a command left. */
export interface Finished {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

/** Runs `assay WORDS` in a folder to its end. */
export async function assay(folder: string, ...words: readonly string[]): Promise<Finished> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...await taskArguments("assay"), ...words],
    cwd: folder,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(COMMAND_MS),
  }).output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), error: decoder.decode(stderr) };
}

/** A running `node`. */
export interface NodeProcess {
  readonly pid: number;
  /** Everything it has printed, standard error included. */
  readonly lines: readonly string[];
  /** Waits for a line, past or future. Rejects with all lines when the process ends, or after `timeoutMs`. */
  heard(pattern: RegExp, timeoutMs: number): Promise<RegExpMatchArray>;
  /**
   * Sends a signal, or none, and waits for the end; gives the exit status. A process that stays is killed after `timeoutMs`, and
   * that is an error.
   */
  end(signal: Deno.Signal | null, timeoutMs: number): Promise<number>;
}

/** Starts `deno task node WORDS` in a folder. */
export async function startNodeProcess(folder: string, ...words: readonly string[]): Promise<NodeProcess> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [...await taskArguments("node"), ...words],
    cwd: folder,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const look of [...waiting]) look();
  };
  const read = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => {
    const text: ReadableStream<string> = stream.pipeThrough(new TextDecoderStream()).pipeThrough(
      new TextLineStream(),
    );
    for await (const line of text) {
      lines.push(line);
      wake();
    }
  };
  let status: Deno.CommandStatus | undefined;
  const ended = Promise.all([child.status, read(child.stdout), read(child.stderr)]).then(([last]) => {
    status = last;
    wake();
    return last;
  });
  const failure = (what: string) => new Error(`${what}; it said:\n${lines.join("\n")}`);

  return {
    pid: child.pid,
    lines,
    heard(pattern, timeoutMs) {
      const { promise, resolve, reject } = Promise.withResolvers<RegExpMatchArray>();
      const look = () => {
        const match = lines.map((line) => line.match(pattern)).find((found) => found !== null);
        if (match) resolve(match);
        else if (status !== undefined) reject(failure(`The node ended before it said ${pattern}`));
      };
      waiting.add(look);
      const timer = setTimeout(
        () => reject(failure(`The node did not say ${pattern} in ${timeoutMs} ms`)),
        timeoutMs,
      );
      look();
      return promise.finally(() => {
        clearTimeout(timer);
        waiting.delete(look);
      });
    },
    async end(signal, timeoutMs) {
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        child.kill("SIGKILL");
      }, timeoutMs);
      if (status === undefined && signal !== null) child.kill(signal);
      const { code } = await ended;
      clearTimeout(timer);
      if (late) {
        throw failure(`The node did not end within ${timeoutMs} ms of ${signal ?? "being left alone"}`);
      }
      return code;
    },
  };
}

/** Runs a test in a folder of its own, which is removed afterwards. */
export async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "assay-tools-test-" }));
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Prints the command line of each process whose working folder is the first argument. Deno itself may not read /proc. */
const LIST_PROCESSES = `
for process in /proc/[0-9]*; do
  [ "$(readlink $process/cwd)" = "$1" ] || continue
  tr '\\0' ' ' < $process/cmdline
  echo
done 2>/dev/null
true`;

/** Command lines of all processes whose working folder is `folder`: nodes, and the executors they started. Linux only. */
export async function processesIn(folder: string): Promise<readonly string[]> {
  const { success, stdout } = await new Deno.Command("sh", {
    args: ["-c", LIST_PROCESSES, "sh", folder],
    stdout: "piped",
    signal: AbortSignal.timeout(COMMAND_MS),
  }).output();
  if (!success) throw new Error("The processes of this machine cannot be listed");
  return new TextDecoder().decode(stdout).split("\n").filter((line) => line.trim() !== "");
}
