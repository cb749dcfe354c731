/**
 * Checkpoints of local training: a safetensors file with the state, how far it is, and which program it belongs to.
 *
 * @module
 */
import { type LocalCheckpoint, readSafetensors, type Tensor, writeSafetensors } from "../../executor/mod.ts";
import { equalBytes, type Hash } from "../../ledger/primitives/mod.ts";
import { ToolError } from "../errors.ts";
import { naming, readBytesIfAny, writeWhole } from "./files.ts";

/** Put before the names of what is no state; a program's state has no such names. */
const OWN = "checkpoint.";

/** A checkpoint with the losses of the steps before it, for the plot. */
export interface SavedCheckpoint extends LocalCheckpoint {
  readonly losses: readonly number[];
}

/**
 * Writes a checkpoint over an older one.
 *
 * @param program Identity of the program: its model, data, settings and engine.
 * @throws {ToolError} `bad_file`.
 */
export async function saveCheckpoint(path: string, program: Hash, saved: SavedCheckpoint): Promise<void> {
  const tensors: Record<string, Tensor> = {
    [`${OWN}program`]: { dtype: "uint8", shape: [program.length], data: Uint8Array.from(program) },
    [`${OWN}segments`]: { dtype: "int64", shape: [], data: BigInt64Array.of(BigInt(saved.segments)) },
    [`${OWN}losses`]: {
      dtype: "float32",
      shape: [saved.losses.length],
      data: Float32Array.from(saved.losses),
    },
  };
  for (const { name, tensor } of saved.state) tensors[name] = tensor;
  await writeWhole(path, writeSafetensors(tensors));
}

/**
 * Reads a checkpoint; `undefined` if there is none.
 *
 * @throws {ToolError} `bad_file` for a file that is none, or one of another program.
 */
export async function loadCheckpoint(path: string, program: Hash): Promise<SavedCheckpoint | undefined> {
  const bytes = await readBytesIfAny(path);
  if (bytes === undefined) return undefined;
  const tensors = naming(path, () => readSafetensors(bytes));
  const id = tensors[`${OWN}program`]?.data, segments = tensors[`${OWN}segments`]?.data[0];
  const losses = tensors[`${OWN}losses`]?.data;
  if (!(id instanceof Uint8Array) || typeof segments !== "bigint" || !(losses instanceof Float32Array)) {
    throw new ToolError(
      "bad_file",
      `${path} is no checkpoint: move it away, or choose another folder with --out.`,
      { path },
    );
  }
  if (!equalBytes(id, program)) {
    throw new ToolError(
      "bad_file",
      `${path} is a checkpoint of another job: the model, the data, the settings or the engine differ. Remove it to begin ` +
        "anew, or choose another folder with --out.",
      { path },
    );
  }
  const state = Object.entries(tensors).filter(([name]) => !name.startsWith(OWN))
    .map(([name, tensor]) => ({ name, tensor }));
  return { segments: Number(segments), state, losses: [...losses] };
}
