/**
 * Functions of one float that are others in a row (SPEC 5.5 and 5.7), for backends without a kernel of their own for them.
 *
 * @module
 */
import { canonical, EXACT_EXPONENT_LIMIT, LARGEST } from "../../numbers/mod.ts";
import { extent, floatAttribute } from "../../reference/mod.ts";
import type { Expansion, Writer } from "./writer.ts";

/** Slope and scale of Selu (Klambauer et al., 2017), as ONNX gives them. */
const SELU_ALPHA = 1.67326319217681884765625;
const SELU_GAMMA = 1.05070102214813232421875;

/** Exponents that backends have kernels for. */
const KERNEL_EXPONENTS = [-1, 0.5, 1, 2, 3];

/** What an expansion of a function is written with. */
interface Steps {
  readonly x: string;
  number(value: number): string;
  attribute(name: string, otherwise: number): string;
  /** Writes a node; the last one that is written gives the result. */
  on(operator: string, ...inputs: readonly string[]): string;
}

/** An expansion of a function of one float: `write` gives the operator and the operands of the last node. */
function functionOf(write: (steps: Steps) => readonly [operator: string, ...inputs: string[]]): Expansion {
  return (writer) => {
    const { node } = writer, x = node.inputs[0] ?? "";
    if (writer.input(0)?.dtype !== "float32") return false;
    const number = (value: number) => writer.floats([], [value]);
    const [operator, ...inputs] = write({
      x,
      number,
      attribute: (name, otherwise) => number(canonical(floatAttribute(node, name, otherwise))),
      on: (each, ...operands) => writer.add(each, operands),
    });
    writer.add(operator, inputs, {}, "last");
    return true;
  };
}

const elu = ({ x, number, on }: Steps, alpha: string) => {
  const falling = on("Mul", alpha, on("Sub", on("Exp", x), number(1)));
  return [on("Greater", x, number(0)), x, falling] as const;
};

const hardSigmoid = ({ x, number, on }: Steps, alpha: string, beta: string) =>
  [on("Add", on("Mul", alpha, x), beta), number(0), number(1)] as const;

/** x^y for a constant y that no kernel has, by the cases of SPEC 5.7. */
const power: Expansion = (writer) => {
  const x = writer.node.inputs[0] ?? "", exponent = writer.known(1);
  const [info, type] = [writer.input(0), writer.input(1)];
  const y = canonical(exponent?.[0] ?? 0);
  if (info?.dtype !== "float32" || type?.dtype !== "float32" || exponent?.length !== 1) return false;
  if (extent(type.shape) !== 1 || type.shape.length > info.shape.length || y === 0) return false;
  if (KERNEL_EXPONENTS.includes(y)) return false;
  const size = Math.abs(y), isExact = size <= EXACT_EXPONENT_LIMIT;
  const isWhole = Number.isInteger(y) && isExact, isHalf = Number.isInteger(2 * y) && isExact && !isWhole;
  const on = (operator: string, ...inputs: readonly string[]) => writer.add(operator, inputs);
  const number = (value: number) => writer.floats([], [value]);
  if (isWhole) {
    writer.add(
      ...last(y < 0 ? ["Reciprocal", raised(writer, x, size)] : ["Identity", raised(writer, x, size)]),
    );
    return true;
  }
  if (isHalf) {
    const root = on("Sqrt", x), whole = Math.floor(size);
    const product = whole === 0 ? root : on("Mul", raised(writer, x, whole), root);
    const value = y < 0 ? on("Reciprocal", product) : product;
    writer.add(...last(["Where", on("Less", x, number(0)), number(0), value]));
    return true;
  }
  const magnitude = on("Exp", on("Mul", number(y), on("Log", on("Abs", x))));
  const below = !Number.isInteger(y) ? number(0) : y % 2 === 0 ? magnitude : on("Neg", magnitude);
  const atZero = on("Where", on("Equal", x, number(0)), number(y > 0 ? 0 : LARGEST), below);
  writer.add(...last(["Where", on("Greater", x, number(0)), magnitude, atZero]));
  return true;
};

/** The arguments that write the node's own output. */
function last([operator, ...inputs]: readonly [string, ...string[]]): Parameters<Writer["add"]> {
  return [operator, inputs, {}, "last"];
}

/** A whole power of 1 or more, by squaring from the lowest bit up. */
function raised(writer: Writer, x: string, exponent: number): string {
  let result: string | undefined, base = x;
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = result === undefined ? base : writer.add("Mul", [result, base]);
    if (rest > 1) base = writer.add("Mul", [base, base]);
  }
  return result ?? x;
}

/** Expansions by operator. */
export const activationExpansions: Readonly<Record<string, Expansion>> = {
  Elu: functionOf((steps) => ["Where", ...elu(steps, steps.attribute("alpha", 1))]),
  Selu: functionOf((steps) => {
    const inner = steps.on("Where", ...elu(steps, steps.attribute("alpha", SELU_ALPHA)));
    return ["Mul", steps.attribute("gamma", SELU_GAMMA), inner];
  }),
  Celu: functionOf(({ x, number, attribute, on }) => {
    const alpha = attribute("alpha", 1);
    const falling = on("Mul", alpha, on("Sub", on("Exp", on("Div", x, alpha)), number(1)));
    return ["Add", on("Max", x, number(0)), on("Min", number(0), falling)];
  }),
  ThresholdedRelu: functionOf(({ x, number, attribute, on }) => [
    "Where",
    on("Greater", x, attribute("alpha", 1)),
    x,
    number(0),
  ]),
  HardSigmoid: functionOf((steps) => [
    "Clip",
    ...hardSigmoid(steps, steps.attribute("alpha", 0.2), steps.attribute("beta", 0.5)),
  ]),
  HardSwish: functionOf((steps) => {
    const [alpha, beta] = [steps.number(1 / 6), steps.number(0.5)];
    return ["Mul", steps.x, steps.on("Clip", ...hardSigmoid(steps, alpha, beta))];
  }),
  Pow: power,
};
