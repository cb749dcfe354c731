/**
 * Reading test folders.
 *
 * @module
 */
import { messageOf } from "../../ledger/primitives/mod.ts";
import { ToolError } from "../errors.ts";

function unreadable(path: string, thrown: unknown): unknown {
  if (thrown instanceof Deno.errors.NotCapable) return thrown;
  if (thrown instanceof Deno.errors.NotFound) {
    return new ToolError("bad_file", `There is no ${path}.`, { path }, thrown);
  }
  return new ToolError("bad_file", `${path} cannot be read: ${messageOf(thrown)}`, { path }, thrown);
}

/** Whether a path is a file. */
export async function isFileThere(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound || thrown instanceof Deno.errors.NotADirectory) return false;
    throw unreadable(path, thrown);
  }
}

/**
 * Names of the files and folders in a folder, sorted.
 *
 * @throws {ToolError} `bad_file`.
 */
export async function namesIn(
  path: string,
): Promise<{ readonly files: readonly string[]; readonly folders: readonly string[] }> {
  try {
    const entries = await Array.fromAsync(Deno.readDir(path));
    const names = (wanted: (entry: Deno.DirEntry) => boolean) =>
      entries.filter(wanted).map(({ name }) => name).sort();
    return { files: names(({ isFile }) => isFile), folders: names(({ isDirectory }) => isDirectory) };
  } catch (thrown) {
    throw unreadable(path, thrown);
  }
}

/**
 * A file's bytes.
 *
 * @throws {ToolError} `bad_file`.
 */
export async function readTestFile(path: string): Promise<Uint8Array> {
  try {
    return await Deno.readFile(path);
  } catch (thrown) {
    throw unreadable(path, thrown);
  }
}
