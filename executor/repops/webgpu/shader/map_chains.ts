/**
 * Shaders of several maps in a row: what one makes of an element, the next reads as a variable, and only what others read is written. Each part's
 * result is made canonical as if it were written, so that every bit stays.
 *
 * Parameters: `P[0]` = 0, elements, first workgroup, axes; axis j, outermost first: `P[1 + 3j]` to `P[3 + 3j]` its size, then the
 * distances of its neighbours in input 0, 1, ....
 *
 * @module
 */
import { word } from "./literals.ts";
import { MAP_EXTRAS, MAP_LETTERS, MAP_RESULTS, MAP_THREADS } from "./maps.ts";
import { defineShader, type Shader } from "./shader.ts";

/** Axes that the parameters have room for. */
export const CHAIN_AXES = 5;
/** Inputs and outputs whose windows the parameters have room for. */
export const CHAIN_INPUTS = 8;
export const CHAIN_OUTPUTS = 4;

/** What a part reads: an input of the chain, the result of an earlier part, or a word that is known. */
export type ChainOperand =
  | { readonly kind: "input"; readonly at: number }
  | { readonly kind: "part"; readonly at: number }
  | { readonly kind: "word"; readonly word: number };

/** One map of a chain. */
export interface ChainPart {
  /** Name of the map. */
  readonly map: string;
  readonly operands: readonly ChainOperand[];
  /** Words of its own parameters. */
  readonly extras: readonly number[];
}

function operandText(operand: ChainOperand): string {
  return operand.kind === "word"
    ? word(operand.word)
    : `${operand.kind === "input" ? "i" : "v"}${operand.at}`;
}

function partText({ map, operands, extras }: ChainPart, at: number): string {
  const reads = operands.map((operand, i) => {
    const letter = MAP_LETTERS[i] ?? "";
    return `let ${letter}_bits = ${operandText(operand)}; let ${letter} = bitcast<f32>(${letter}_bits);`;
  });
  const result = extras.reduce(
    (text, extra, i) => text.replaceAll(`P[${MAP_EXTRAS}].${"xyzw"[i]}`, word(extra)),
    MAP_RESULTS.get(map)?.result ?? "",
  );
  return `var v${at} = 0u; { ${reads.join(" ")} v${at} = ${result}; }`;
}

/** How a chain is called: two of one name have one text. */
function nameOf(parts: readonly ChainPart[], outputs: readonly number[]): string {
  const texts = parts.map(({ map, operands, extras }) =>
    [map, ...operands.map(operandText), ...extras.filter((extra) => extra !== 0).map(word)].join(" ")
  );
  return `chain ${texts.join(", ")} to ${outputs.map((at) => `v${at}`).join(" ")}`;
}

/**
 * The shader of a chain.
 *
 * @param outputs Parts whose results are written.
 * @param probe What it is tested on.
 */
export function chainShader(
  parts: readonly ChainPart[],
  inputs: number,
  outputs: readonly number[],
  probe: NonNullable<Shader["probe"]>,
): Shader {
  const each = (write: (i: number) => string) => Array.from({ length: inputs }, (_, i) => write(i)).join(" ");
  const distance = (i: number) => `${["near", "middle", "far"][(i + 1) >> 2]}.${"xyzw"[(i + 1) % 4]}`;
  const axis = (first: string) =>
    `let near = P[${first}]; let middle = P[${first} + 1u]; let far = P[${first} + 2u];`;
  const steps = each((i) => `at_${i} += c * ${distance(i)};`);
  const shader = defineShader({
    name: nameOf(parts, outputs),
    inputs,
    outputs: outputs.length,
    threads: MAP_THREADS,
    body: `
  let index = group * ${MAP_THREADS}u + thread;
  if (index >= P[0].y) { return; }
  ${each((i) => `var at_${i} = 0u;`)}
  var rest = index;
  for (var axis = P[0].w; axis > 1u; axis = axis - 1u) {
    ${axis("3u * axis - 2u")}
    let c = rest % near.x;
    rest = rest / near.x;
    ${steps}
  }
  {
    ${axis("1u")}
    let c = rest;
    ${steps}
  }
  ${each((i) => `let i${i} = I${i}[at_${i}];`)}
  ${parts.map(partText).join("\n  ")}
  ${outputs.map((part, i) => `O${i}[index] = v${part};`).join(" ")}`,
  });
  return { ...shader, probe };
}
