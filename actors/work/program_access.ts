/**
 * Getting a task's program ready to execute: fetch its files, hand them to the executor, and make sure that it is the program the
 * ledger names.
 *
 * @module
 */
import { type Address, bytesToHex, equalBytes, type Hash, programId } from "../../ledger/primitives/mod.ts";
import type { Task } from "../../ledger/mod.ts";
import { decodeManifest, type LoadedProgram, manifestBlobs } from "../../executor/mod.ts";
import { type Activity, ActorError } from "../runtime/mod.ts";
import type { WorkPowers } from "./powers.ts";

/** What of a task names its program. */
export type ProgramOfTask = Pick<Task, "program" | "manifest">;

/** What is loaded: the graphs suffice to know a program and to execute one node; to run it, states and data are needed too. */
export type ProgramParts = "graphs" | "everything";

/** Opens programs, each once. */
export interface ProgramAccess {
  /**
   * The loaded program of a task.
   *
   * @param from Accounts that should have its files.
   * @throws {ActorError} `mismatch` if the files are not those of the program; what fetching and the executor throw.
   */
  open(
    task: ProgramOfTask,
    parts: ProgramParts,
    from: readonly Address[],
    call: Pick<Activity, "signal">,
  ): Promise<LoadedProgram>;
  /** Loads the program anew when it is opened next: after a failure, the executor may have been restarted and know nothing. */
  forget(task: ProgramOfTask): void;
  /** Whether this node's engine is the one that a program names. */
  runsHere(task: ProgramOfTask, call: Pick<Activity, "signal">): Promise<boolean>;
}

/** Access with the memory of one incarnation. */
export function makeProgramAccess(
  { blobs, executor }: Pick<WorkPowers, "blobs" | "executor">,
): ProgramAccess {
  const loaded = new Map<string, { readonly parts: ProgramParts; readonly program: LoadedProgram }>();
  const keyOf = ({ program }: ProgramOfTask) => bytesToHex(programId(program));

  const fetchFiles = async (
    task: ProgramOfTask,
    parts: ProgramParts,
    from: readonly Address[],
    signal: AbortSignal,
  ) => {
    const get = (root: Hash) => blobs.get(root, { signal, from });
    const manifest = await get(task.manifest);
    const named = decodeManifest(manifest);
    const wanted = parts === "everything"
      ? manifestBlobs(named)
      : named.program.phases.map(({ graph }) => graph);
    return { manifest, blobs: await Promise.all(wanted.map(async (id) => ({ id, bytes: await get(id) }))) };
  };

  return {
    async open(task, parts, from, { signal }) {
      const key = keyOf(task);
      const known = loaded.get(key);
      if (known !== undefined && (known.parts === "everything" || known.parts === parts)) {
        return known.program;
      }
      const program = await executor.load(await fetchFiles(task, parts, from, signal), { signal });
      if (!equalBytes(program.id, programId(task.program))) {
        throw new ActorError(
          "mismatch",
          "The manifest is that of another program than the task's: the requester must post the task anew.",
        );
      }
      loaded.set(key, { parts, program });
      return program;
    },
    forget: (task) => void loaded.delete(keyOf(task)),
    async runsHere({ program }, { signal }) {
      const { name, kernelHash } = await executor.engine({ signal });
      return name === program.engine && equalBytes(kernelHash, program.engineHash);
    },
  };
}
