/**
 * Shaders over windows: where a tensor is larger than one binding, a dispatch binds stretches of it, and positions in the tensor
 * become positions in the stretch. The text is otherwise the same, and so are the bits.
 *
 * Parameters: words `FIRST` on: where the window of each input starts, from `FIRST_OUT` on those of outputs; from `LENGTH` and
 * `LENGTH_OUT` on how long they are.
 *
 * @module
 */
import type { Shader } from "./shader.ts";

/** Words of the parameters that tell of windows. No shader uses vectors from 24 on for anything else. */
export const FIRST = 96;
const FIRST_OUT = 104;
const LENGTH = 108;
const LENGTH_OUT = 116;

const parameter = (word: number) => `P[${Math.floor(word / 4)}].${"xyzw"[word % 4]}`;

/**
 * A statement of a shader that reads or writes at most one place of a buffer: a thread whose place is outside of the window does nothing.
 * It says nothing without windows.
 */
export function keepInside(buffer: string, at: string): string {
  return `/* keep ${buffer} ${at} */`;
}

/** The same shader over windows. Two of one name are the same. */
export function windowed(shader: Shader): Shader {
  return { ...shader, name: `${shader.name} windowed`, texts: shader.texts.map(windowedText) };
}

/** The name without windows, and whether it had them. */
export function plainName(name: string): { readonly name: string; readonly isWindowed: boolean } {
  const [plain = name, rest] = name.split(" windowed");
  return { name: plain, isWindowed: rest !== undefined };
}

/** Where windows start and how long they are, as words of the parameters. */
export function windowWords(
  inputs: readonly { readonly first: number; readonly words: number }[],
  outputs: readonly { readonly first: number; readonly words: number }[],
): readonly (readonly [word: number, value: number])[] {
  return [
    ...inputs.flatMap(({ first, words }, i) => [[FIRST + i, first], [LENGTH + i, words]] as const),
    ...outputs.flatMap(({ first, words }, i) => [[FIRST_OUT + i, first], [LENGTH_OUT + i, words]] as const),
  ];
}

const baseOf = (buffer: string) =>
  parameter((buffer.startsWith("I") ? FIRST : FIRST_OUT) + Number(buffer.slice(1)));
const lengthOf = (buffer: string) =>
  parameter((buffer.startsWith("I") ? LENGTH : LENGTH_OUT) + Number(buffer.slice(1)));

function windowedText(text: string): string {
  const kept = text.replaceAll(
    /\/\* keep (\w+) (\w+) \*\//g,
    (_, buffer: string, at: string) => `if (${at} - ${baseOf(buffer)} >= ${lengthOf(buffer)}) { return; }`,
  );
  return moved(kept);
}

/** The text with each position in a buffer moved by where its window starts. */
function moved(text: string): string {
  const access = /\b([IO]\d)\[/.exec(text);
  if (!access) return text;
  const start = access.index + access[0].length, end = closing(text, start);
  const position = moved(text.slice(start, end));
  return `${text.slice(0, start)}(${position}) - ${baseOf(access[1] ?? "")}${moved(text.slice(end))}`;
}

/** Where the bracket that was opened before `start` closes. */
function closing(text: string, start: number): number {
  let depth = 1, at = start;
  for (; at < text.length; at++) {
    if (text[at] === "[") depth++;
    if (text[at] === "]" && --depth === 0) break;
  }
  return at;
}
