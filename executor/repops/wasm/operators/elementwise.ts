/**
 * Elementwise operators on the kernels.
 *
 * @module
 */
import { floatAttribute, stringAttribute } from "../../reference/mod.ts";
import { BINARY, type BinaryForm, SHORT, UNARY } from "../source/mod.ts";
import type { Dtype } from "../../../../ledger/primitives/mod.ts";
import type { GraphNode } from "../../../graph.ts";
import { isFloat } from "../../values.ts";
import { canonical, integerRange } from "../../numbers/mod.ts";
import { allocationBytes } from "../machine.ts";
import { broadcastLoops, shareOfLoops } from "./broadcast.ts";
import { ELEMENT_COST, inParallel, LINE_VECTORS, shareOf } from "./parallel.ts";
import { prepareExpansion } from "./strided.ts";
import {
  type Compiler,
  constantFloat,
  countOf,
  holdsFloats,
  inOrder,
  isWord,
  type Place,
  type Site,
  vectorsOf,
  WORD,
  type Work,
  work,
} from "./work.ts";

/** out = f(a), element by element. */
export function unary(site: Site, name: string, out: Place, a: Place): Work {
  const vectors = vectorsOf(countOf(out)), cost = ELEMENT_COST[SHORT.has(name) ? "few" : "many"];
  return inParallel(site.machine, countOf(out) * cost, (machine, part, parts) => {
    const kernel = machine.kernel(`u_${name}`);
    const [first, last] = shareOf(vectors, LINE_VECTORS, part, parts), start = first * 4 * WORD;
    return work(() => kernel(out.address + start, a.address + start, last - first));
  });
}

/** out = f(a, b) with broadcasting. */
export function binary(site: Site, name: string, out: Place, a: Place, b: Place): Work {
  const loops = broadcastLoops(out.info.shape, a.info.shape, b.info.shape);
  return inParallel(site.machine, countOf(out) * ELEMENT_COST.few, (machine, part, parts) => {
    const { starts, rows, count, aRow, bRow } = shareOfLoops(loops, part, parts);
    const kernel = machine.kernel(`b_${name}_${loops.form}`);
    return work(() => {
      for (const { out: o, a: x, b: y } of starts) {
        kernel(out.address + o, a.address + x, b.address + y, rows, count, aRow, bRow);
      }
    });
  });
}

/** A scalar that the graph does not have, as an operand. */
function scalar(site: Site, value: number): Place {
  return {
    info: { dtype: "float32", shape: [] },
    address: constantFloat(site.machine, value),
    constant: undefined,
  };
}

const unaryOf = (name: string): Compiler => (site) => {
  const [a] = site.inputs;
  const [out] = site.outputs;
  return holdsFloats(a) && out ? unary(site, name, out, a) : undefined;
};

const BITWISE = new Set(["And", "Or", "Xor"]);
const WRAPPING = new Set(["Add", "Sub", "Mul"]);
const COMPARISONS = new Set(["Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual"]);

/** The kernel for an operator on operands of this kind. */
export function binaryName(operator: string, dtype: Dtype): string | undefined {
  if (BITWISE.has(operator)) return dtype === "bool" ? operator : undefined;
  if (isFloat(dtype)) return operator;
  if (operator === "Equal" || (isWord(dtype) && (WRAPPING.has(operator) || COMPARISONS.has(operator)))) {
    return `${operator}Int`;
  }
  return undefined;
}

const binaryOf = (operator: string): Compiler => (site) => {
  const [a, b] = site.inputs;
  const [out] = site.outputs;
  if (!a || !b || !out || site.inputs.length > 2) return undefined;
  const name = binaryName(operator, a.info.dtype);
  return name ? binary(site, name, out, a, b) : undefined;
};

const gelu: Compiler = (site) =>
  unaryOf(stringAttribute(site.node, "approximate", "none") === "tanh" ? "GeluTanh" : "Gelu")(site);

const swish: Compiler = (
  site,
) => (floatAttribute(site.node, "alpha", 1) === 1 ? unaryOf("Swish")(site) : undefined);

const leakyRelu: Compiler = (site) => {
  const [a] = site.inputs;
  const [out] = site.outputs;
  if (!holdsFloats(a) || !out) return undefined;
  return binary(site, "PRelu", out, a, scalar(site, canonical(floatAttribute(site.node, "alpha", 0.01))));
};

const clip: Compiler = (site) => {
  const [a, low, high] = site.inputs;
  const [out] = site.outputs;
  if (!holdsFloats(a) || !out || (!low && !high)) return undefined;
  const flat = (place: Place): Place => ({ ...place, info: { ...place.info, shape: [] } });
  const raised = low ? [binary(site, "Max", out, a, flat(low))] : [];
  const lowered = high ? [binary(site, "Min", out, low ? out : a, flat(high))] : [];
  return inOrder(...raised, ...lowered);
};

/** Powers by a constant exponent that one or two kernels compute as the reference does. */
const pow: Compiler = (site) => {
  const [a, b] = site.inputs;
  const [out] = site.outputs;
  if (!holdsFloats(a) || !holdsFloats(b) || !out || countOf(b) !== 1 || !b.constant) return undefined;
  const same = out.info.shape.length === a.info.shape.length;
  if (!same) return undefined;
  switch (b.constant.words[0]) {
    case 2:
      return unary(site, "Square", out, a);
    case 3:
      return inOrder(unary(site, "Square", out, a), binary(site, "Mul", out, a, out));
    case 0.5:
      return unary(site, "Sqrt", out, a);
    case -1:
      return unary(site, "Reciprocal", out, a);
    default:
      return undefined;
  }
};

/** Operands that neither fill the output nor, for a choice, are one value are first expanded into scratch memory. */
const where: Compiler = (site) => {
  const [condition, a, b] = site.inputs;
  const [out] = site.outputs;
  if (!condition || !a || !b || !out) return undefined;
  const count = countOf(out);
  const form = countOf(b) === 1 ? "left" : countOf(a) === 1 ? "right" : "both";
  const kernel = site.machine.kernel(`where_${form}`);
  const bytes = allocationBytes(count * WORD);
  let scratchBytes = 0;
  const full = (place: Place) => {
    if (countOf(place) === count) return () => place.address;
    const offset = scratchBytes;
    scratchBytes += bytes;
    const expand = prepareExpansion(site.machine, place, out);
    return (scratch: number) => {
      expand(scratch + offset, place.address);
      return scratch + offset;
    };
  };
  const fixed = (place: Place) => () => place.address;
  const [c, x, y] = [
    full(condition),
    form === "right" ? fixed(a) : full(a),
    form === "left" ? fixed(b) : full(b),
  ];
  if (scratchBytes === 0) return choiceOf(site, form, out, [condition, a, b]);
  return {
    scratch: scratchBytes,
    run: (scratch) => {
      kernel(out.address, c(scratch), x(scratch), y(scratch), vectorsOf(count));
    },
  };
};

/** A choice between operands that fill the output or, in the forms that say so, are one value. */
function choiceOf(
  site: Site,
  form: BinaryForm,
  out: Place,
  [condition, a, b]: readonly [Place, Place, Place],
): Work {
  return inParallel(site.machine, countOf(out) * ELEMENT_COST.few, (machine, part, parts) => {
    const [first, last] = shareOf(vectorsOf(countOf(out)), LINE_VECTORS, part, parts),
      start = first * 4 * WORD;
    const kernel = machine.kernel(`where_${form}`);
    const [x, y] = [a.address + (form === "right" ? 0 : start), b.address + (form === "left" ? 0 : start)];
    return work(() => kernel(out.address + start, condition.address + start, x, y, last - first));
  });
}

const cast: Compiler = (site) => {
  const [a] = site.inputs;
  const [out] = site.outputs;
  if (!a || !out) return undefined;
  const [from, to] = [a.info.dtype, out.info.dtype];
  if (from === to || (isIntegral(from) && isWord(to))) return copy(site, out, a);
  if (from === "float32" && isNarrow(to)) {
    // Limiting before truncating is limiting after it, since the limits are whole numbers.
    const [low, high] = integerRange(to).map((limit) => scalar(site, limit));
    if (!low || !high) return undefined;
    const raised = binary(site, "Max", out, a, low), lowered = binary(site, "Min", out, out, high);
    return inOrder(raised, lowered, unary(site, "IntOfFloat", out, out));
  }
  const name = castName(from, to);
  return name === undefined ? undefined : unary(site, name, out, a);
};

const isNarrow = (dtype: Dtype) =>
  dtype === "uint8" || dtype === "int8" || dtype === "uint16" || dtype === "int16";

const isIntegral = (dtype: Dtype) => isWord(dtype) || dtype === "bool" || isNarrow(dtype);

/** The kernel of a conversion that changes words. */
function castName(from: Dtype, to: Dtype): string | undefined {
  if (from === to) return undefined;
  if (to === "bool" && (isIntegral(from) || from === "float32")) return "Truth";
  if (to === "float32" && isIntegral(from)) return "FloatOfInt";
  return from === "float32" && isWord(to) ? "IntOfFloat" : undefined;
}

/** out = a, word by word. */
export function copy(site: Site, out: Place, a: Place): Work {
  const kernel = site.machine.kernel("copyRows");
  const bytes = countOf(out) * 4;
  return work(() => kernel(out.address, 0, a.address, 0, 1, bytes));
}

/** Kernels that serve other operators than the one they are named for. */
const INTERNAL = new Set([
  "Canonical",
  "GeluTanh",
  "Swish",
  "Gelu",
  "Square",
  "Truth",
  "FloatOfInt",
  "IntOfFloat",
]);

/** Inference leaves Dropout's input as it is. */
const dropout: Compiler = (site) => {
  const [a, , training] = site.inputs;
  const [out, mask] = site.outputs;
  if (!a || !out || mask || (training && training.constant?.words[0] !== 0)) return undefined;
  return copy(site, out, a);
};

/** The kernel of a node that maps the elements of one operand; `undefined` if none does. */
export function unaryName({ operator }: GraphNode, from: Dtype, to: Dtype): string | undefined {
  switch (operator) {
    case "Cast":
    case "CastLike":
      return castName(from, to);
    case "Not":
      return from === "bool" ? "Not" : undefined;
    case "Sum":
    case "Dropout":
      return undefined;
    default:
      return isFloat(from) && operator in UNARY && !INTERNAL.has(operator) ? operator : undefined;
  }
}

/** Compilers by operator. */
export const elementwiseCompilers: Readonly<Record<string, Compiler>> = {
  ...Object.fromEntries(
    Object.keys(UNARY).filter((name) => !INTERNAL.has(name)).map((name) => [name, unaryOf(name)]),
  ),
  ...Object.fromEntries(
    Object.keys(BINARY).filter((name) => !name.endsWith("Int")).map((name) => [name, binaryOf(name)]),
  ),
  Sum: (site) => (site.inputs.length === 2 ? binaryOf("Add")(site) : undefined),
  Not: (site) => (site.inputs[0]?.info.dtype === "bool" ? notOf(site) : undefined),
  Gelu: gelu,
  Swish: swish,
  LeakyRelu: leakyRelu,
  Clip: clip,
  Pow: pow,
  Where: where,
  Cast: cast,
  CastLike: cast,
  Dropout: dropout,
};

function notOf(site: Site): Work | undefined {
  const [a] = site.inputs;
  const [out] = site.outputs;
  return a && out ? unary(site, "Not", out, a) : undefined;
}
