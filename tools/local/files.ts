/**
 * Files named on the command line.
 *
 * @module
 */
import { readNpy, readSafetensors, type Tensor, writeNpy, writeSafetensors } from "../../executor/mod.ts";
import { CodedError, messageOf } from "../../ledger/primitives/mod.ts";
import { ToolError } from "../errors.ts";

/** What a system call threw, as a sentence that names the file. A missing permission stays what it is. */
function fileError(path: string, doing: string, thrown: unknown): unknown {
  if (thrown instanceof Deno.errors.NotCapable) return thrown;
  const why = thrown instanceof Deno.errors.NotFound ? "it does not exist" : messageOf(thrown);
  return new ToolError("bad_file", `${path} cannot be ${doing}: ${why}.`, { path }, thrown);
}

/**
 * A file's bytes.
 *
 * @throws {ToolError} `bad_file`.
 */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await Deno.readFile(path);
  } catch (thrown) {
    throw fileError(path, "read", thrown);
  }
}

/**
 * A file's bytes; `undefined` if it does not exist.
 *
 * @throws {ToolError} `bad_file`.
 */
export async function readBytesIfAny(path: string): Promise<Uint8Array | undefined> {
  try {
    return await Deno.readFile(path);
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return undefined;
    throw fileError(path, "read", thrown);
  }
}

/**
 * Writes a file as a whole: whoever reads it finds the old content or the new one, also if the machine stops meanwhile.
 *
 * @throws {ToolError} `bad_file`.
 */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const unfinished = `${path}.unfinished`;
  try {
    using file = await Deno.open(unfinished, { write: true, create: true, truncate: true });
    for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
    await file.sync();
    await Deno.rename(unfinished, path);
  } catch (thrown) {
    throw fileError(path, "written", thrown);
  }
}

/** Makes a folder and those above it. */
export async function makeFolder(path: string): Promise<void> {
  try {
    await Deno.mkdir(path, { recursive: true });
  } catch (thrown) {
    throw fileError(path, "made", thrown);
  }
}

/** Runs something over a file's content; a typed failure then names the file. */
export function naming<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    if (!(thrown instanceof CodedError)) throw thrown;
    throw new ToolError("bad_file", `${path}: ${thrown.message}`, { path, code: thrown.code }, thrown);
  }
}

/** Whether a file name is one of those that tensors are kept in. */
export function isTensorFile(path: string): boolean {
  return path.endsWith(".npy") || path.endsWith(".safetensors");
}

/** What a file of tensors holds: one without a name, or several with theirs. */
export type TensorFileContent =
  | { readonly kind: "one"; readonly tensor: Tensor }
  | { readonly kind: "named"; readonly tensors: Readonly<Record<string, Tensor>> };

/**
 * Reads a .npy or .safetensors file.
 *
 * @throws {ToolError} `bad_file`.
 */
export async function readTensors(path: string): Promise<TensorFileContent> {
  checkTensorFile(path);
  const bytes = await readBytes(path);
  return naming(
    path,
    () =>
      path.endsWith(".npy")
        ? { kind: "one", tensor: readNpy(bytes) }
        : { kind: "named", tensors: readSafetensors(bytes) },
  );
}

/**
 * Writes tensors to a .npy file, which takes one, or a .safetensors file.
 *
 * @throws {ToolError} `bad_file`; `usage` for several tensors and a .npy file.
 */
export async function writeTensors(path: string, tensors: Readonly<Record<string, Tensor>>): Promise<void> {
  checkTensorFile(path);
  const [only, ...others] = Object.values(tensors);
  if (path.endsWith(".safetensors")) {
    await writeWhole(path, naming(path, () => writeSafetensors(tensors)));
    return;
  }
  if (only === undefined || others.length > 0) {
    throw new ToolError(
      "usage",
      `A .npy file takes one tensor, and there are ${Object.keys(tensors).length} (${
        Object.keys(tensors).join(", ")
      }): name a .safetensors file, or choose one with --output.`,
    );
  }
  await writeWhole(path, naming(path, () => writeNpy(only)));
}

/** @throws {ToolError} `bad_file` for a file of another kind. */
export function checkTensorFile(path: string): void {
  if (isTensorFile(path)) return;
  throw new ToolError("bad_file", `${path}: tensors are kept in .npy or .safetensors files.`, { path });
}
