/**
 * Cases of operators that are others in a row: Einsum, Resize, RotaryEmbedding.
 *
 * @module
 */
import { type AttributeInputs } from "../../../executor/onnx/mod.ts";
import { type Case, constants, type Given, places } from "./kernel_case.ts";
import { floats } from "./random_values.ts";

/** Equations of Einsum with the shapes of their operands. */
export const EQUATIONS: readonly (readonly [string, ...(readonly number[])[]])[] = [
  ["bij,bjk->bik", [2, 3, 4], [2, 4, 5]],
  ["bhid,bhjd->bhij", [2, 2, 3, 4], [2, 2, 5, 4]],
  ["...ij,jk->...ik", [2, 2, 3, 300], [300, 2]],
  ["ikj,jlk->li", [3, 5, 70], [70, 4, 5]],
  ["i,j->ji", [3], [4]],
  ["ij,ij", [3, 4], [3, 4]],
  ["ijk->ki", [2, 300, 4]],
  ["ijk->kij", [2, 3, 4]],
  ["iij->ji", [3, 3, 4]],
  ["ii", [5, 5]],
  ["ij,jj->i", [3, 4], [4, 4]],
  ["ijk,jl->il", [3, 20, 30], [20, 4]],
  ["ij,jk->ik", [3, 1], [5, 4]],
  ["i,jk->i", [3], [2, 300]],
];

/** Every transformation of Resize, up and down, by sizes and by scales. */
export function resizes(): readonly Case[] {
  const transformations =
    "half_pixel asymmetric align_corners pytorch_half_pixel half_pixel_symmetric tf_half_pixel_for_nn".split(
      " ",
    );
  const modes = ["floor", "ceil", "round_prefer_floor", "round_prefer_ceil"];
  const bySizes = (attributes: AttributeInputs, ...sizes: readonly number[]): Case => ({
    operator: "Resize",
    inputs: [[1, 2, 4, 5], undefined, undefined, constants(1, 2, ...sizes)],
    attributes,
    opset: 19,
  });
  const scales = { dtype: "float32", shape: [4], data: Float32Array.of(1, 1, 0.7, 2.3) } as const;
  return [
    ...transformations.flatMap((coordinate_transformation_mode) => [
      bySizes({ mode: "linear", coordinate_transformation_mode }, 7, 3),
      bySizes({ mode: "nearest", coordinate_transformation_mode }, 3, 11),
    ]),
    ...modes.map((nearest_mode) => bySizes({ mode: "nearest", nearest_mode }, 6, 4)),
    ...["linear", "nearest"].map((mode): Case => ({
      operator: "Resize",
      inputs: [[1, 2, 4, 5], undefined, { tensor: scales, constant: true }],
      attributes: { mode },
      opset: 19,
    })),
    bySizes({ mode: "linear" }, 4, 5),
  ];
}

/** Rotary embeddings of heads apart and joined, of all features and of some, with positions and without. */
export function rotations(): readonly Case[] {
  const cache = (seed: number): Given => ({ tensor: floats([6, 2], seed, "near"), constant: true });
  const perStep: Given = { tensor: floats([2, 3, 4], 5, "near") };
  return [
    {
      operator: "RotaryEmbedding",
      inputs: [[2, 2, 3, 4], cache(1), cache(2), places([2, 3], 3, 6)],
      opset: 23,
    },
    { operator: "RotaryEmbedding", inputs: [[2, 5, 3, 8], perStep, perStep], opset: 23 },
    {
      operator: "RotaryEmbedding",
      inputs: [[2, 3, 12], cache(1), cache(2), places([2, 3], 3, 9)],
      attributes: { interleaved: 1, num_heads: 2, rotary_embedding_dim: 4 },
      opset: 23,
    },
  ];
}
