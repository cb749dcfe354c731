/**
 * Which tensor goes into which input of a model.
 *
 * @module
 */
import type { Graph, Tensor, Tensors } from "../../executor/mod.ts";
import { ToolError } from "../errors.ts";
import { readTensors } from "./files.ts";

/** A tensor from a file; `name` is the input it is for, if the command line or the file says so. */
interface GivenTensor {
  readonly name: string | undefined;
  readonly tensor: Tensor;
  readonly file: string;
}

/**
 * Reads the tensors that a command line names.
 *
 * `name=file` is for the input of that name. A file alone is, if it is a .npy file, for the first input that is left; the
 * tensors of a .safetensors file are for the inputs of their names, or a single one of another name for the first that is left.
 * `file.safetensors:tensor` takes one tensor of a file.
 *
 * @throws {ToolError} `usage` for a name that is no input, an input given twice, or a tensor that no input is left for; `bad_file`.
 */
export async function readInputs(model: Graph, words: readonly string[]): Promise<Tensors> {
  const names = model.inputs.map(({ name }) => name);
  const given: GivenTensor[] = [];
  for (const word of words) given.push(...await readWord(word, names));
  const inputs: Record<string, Tensor> = {};
  for (const { name, tensor, file } of given) {
    if (name === undefined) continue;
    if (!names.includes(name)) {
      throw new ToolError("usage", `${file}: the model has no input "${name}". ${listInputs(model)}`);
    }
    if (Object.hasOwn(inputs, name)) {
      throw new ToolError("usage", `${file}: the input "${name}" is given twice.`);
    }
    inputs[name] = tensor;
  }
  for (const { name, tensor, file } of given) {
    if (name !== undefined) continue;
    const left = names.find((candidate) => !Object.hasOwn(inputs, candidate));
    if (left === undefined) {
      throw new ToolError("usage", `${file}: no input is left for it. ${listInputs(model)}`);
    }
    inputs[left] = tensor;
  }
  return inputs;
}

/** The tensors of one word of the command line. */
async function readWord(word: string, names: readonly string[]): Promise<readonly GivenTensor[]> {
  const { name, file, chosen } = splitWord(word, names);
  const content = await readTensors(file);
  if (content.kind === "one") return [{ name, tensor: content.tensor, file }];
  const tensors = Object.entries(content.tensors), [only] = tensors;
  if (chosen === undefined && only !== undefined && tensors.length === 1) {
    const [inFile, tensor] = only;
    return [{ name: name ?? (names.includes(inFile) ? inFile : undefined), tensor, file }];
  }
  const wanted = chosen ?? name;
  if (wanted === undefined) return tensors.map(([inFile, tensor]) => ({ name: inFile, tensor, file }));
  const tensor = Object.hasOwn(content.tensors, wanted) ? content.tensors[wanted] : undefined;
  if (tensor !== undefined) return [{ name, tensor, file }];
  throw new ToolError(
    "bad_file",
    `${file} has no tensor "${wanted}": it has ${tensors.map(([inFile]) => inFile).join(", ") || "none"}.`,
  );
}

/** What a word of the command line says: `[name=]file[:chosen]`. */
interface InputWord {
  readonly name: string | undefined;
  readonly file: string;
  readonly chosen: string | undefined;
}

/** The longest input that the word begins with is its name: names may have the sign in them as well. */
function splitWord(word: string, names: readonly string[]): InputWord {
  const known = names.filter((name) => word.startsWith(`${name}=`)).sort((a, b) => b.length - a.length)[0];
  const sign = word.indexOf("=");
  const name = known ?? (sign > 0 ? word.slice(0, sign) : undefined);
  const rest = name === undefined ? word : word.slice(name.length + 1);
  const parts = /^(.*\.safetensors):(.+)$/.exec(rest);
  return { name, file: parts?.[1] ?? rest, chosen: parts?.[2] };
}

/** The model's inputs, for people. */
export function listInputs({ inputs }: Graph): string {
  const shown = inputs.map(({ name, dtype, shape }) => `${name}: ${dtype} [${shape.join(", ")}]`);
  return `It takes ${shown.length === 0 ? "none" : shown.join("; ")}.`;
}
