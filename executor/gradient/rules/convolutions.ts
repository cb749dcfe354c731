/**
 * Gradients of convolutions, themselves convolutions: of the input by the transposed one, of the weight by one that slides the
 * gradient over the input, with strides and dilations swapped (Dumoulin and Visin, "A guide to convolution arithmetic", 2016).
 *
 * @module
 */
import { intAttribute, intsAttribute, stringAttribute, type Window, windowOf } from "../../onnx/mod.ts";
import { elementCount } from "../../tensor.ts";
import { expressions } from "../expressions.ts";
import {
  type GradientContext,
  type GradientRule,
  inputName,
  inputType,
  outputGradient,
  refuse,
  shapeContext,
} from "../gradient_rule.ts";

function windowAttributes(window: Window, group: number) {
  return {
    kernel_shape: window.kernel,
    strides: window.strides,
    dilations: window.dilations,
    pads: [...window.padsBefore, ...window.padsAfter],
    group,
  };
}

/** The input rows behind the last window, which no output saw: the transposed convolution has to add them. */
function unseenRows(window: Window, input: readonly number[], output: readonly number[]): readonly number[] {
  return input.map((size, i) =>
    size -
    (((output[i] ?? 1) - 1) * (window.strides[i] ?? 1) +
      ((window.kernel[i] ?? 1) - 1) * (window.dilations[i] ?? 1) +
      1 - (window.padsBefore[i] ?? 0) - (window.padsAfter[i] ?? 0))
  );
}

/** Sum over everything but the channels. */
function biasGradient(context: GradientContext, dy: string): string {
  const e = expressions(context.builder);
  return e.sum(dy, e.shapeOf(dy).map((_, i) => i).filter((i) => i !== 1), false);
}

/**
 * Gradient of a convolution's weight [filters, channels / group, ...kernel].
 *
 * @param x The convolution's input [batch, channels, ...].
 * @param dy Gradient of its output [batch, filters, ...].
 */
function weightGradient(
  context: GradientContext,
  x: string,
  dy: string,
  window: Window,
  group: number,
): string {
  const { builder } = context, e = expressions(builder);
  const [batch = 0, channels = 0, ...spatial] = e.shapeOf(x), [, filters = 0, ...places] = e.shapeOf(dy);
  const pointwise = group === 1 && [...window.kernel, ...window.strides].every((size) => size === 1) &&
    [...window.padsBefore, ...window.padsAfter].every((size) => size === 0);
  if (pointwise) {
    // A plain product over all pixels: as a convolution, its kernel would be the whole image.
    const pixels = elementCount(spatial);
    const rows = (name: string, size: number) =>
      e.reshape(e.transpose(e.reshape(name, [batch, size, pixels]), [1, 0, 2]), [size, batch * pixels]);
    const product = builder.add("Gemm", [rows(dy, filters), rows(x, channels)], { transB: 1 });
    return e.reshape(product, [filters, channels, ...window.kernel]);
  }
  const rest = spatial.map((_, i) => i + 2), swapped = [1, 0, ...rest];
  // The batch becomes the channels, and channels become the batch; groups move into the channels, one after the other.
  const slid = group === 1 ? e.transpose(x, swapped) : e.reshape(
    e.transpose(e.reshape(x, [batch, group, channels / group, ...spatial]), [
      2,
      1,
      0,
      ...rest.map((axis) => axis + 1),
    ]),
    [channels / group, group * batch, ...spatial],
  );
  const turned: Window = { ...window, kernel: places, strides: window.dilations, dilations: window.strides };
  let result = builder.add("Conv", [slid, e.transpose(dy, swapped)], windowAttributes(turned, group));
  if (String(e.shapeOf(result).slice(2)) !== String(window.kernel)) {
    const starts = window.kernel.map(() => 0);
    result = builder.add("Slice", [
      result,
      builder.ints(starts),
      builder.ints(window.kernel),
      builder.ints(rest),
    ]);
  }
  return e.transpose(result, swapped);
}

const conv: GradientRule = (context) => {
  const { builder, node, needs } = context, x = inputName(context, 0), w = inputName(context, 1);
  const spatial = inputType(context, 0).shape.slice(2), dy = outputGradient(context);
  const window = windowOf(shapeContext(context), spatial, inputType(context, 1).shape.slice(2));
  const group = intAttribute(node, "group", 1);
  const output_padding = unseenRows(window, spatial, builder.type(dy).shape.slice(2));
  return [
    needs[0]
      ? builder.add("ConvTranspose", [dy, w], { ...windowAttributes(window, group), output_padding })
      : undefined,
    needs[1] ? weightGradient(context, x, dy, window, group) : undefined,
    needs[2] ? biasGradient(context, dy) : undefined,
  ];
};

const convTranspose: GradientRule = (context) => {
  const { builder, node, needs } = context, x = inputName(context, 0), w = inputName(context, 1);
  if (
    stringAttribute(node, "auto_pad", "NOTSET") !== "NOTSET" || intsAttribute(node, "output_shape", undefined)
  ) {
    throw refuse(node, "its padding is not stated (auto_pad or output_shape)");
  }
  const dy = outputGradient(context), group = intAttribute(node, "group", 1);
  const window = windowOf(
    shapeContext(context),
    inputType(context, 0).shape.slice(2),
    inputType(context, 1).shape.slice(2),
  );
  const toInput = () => {
    const result = builder.add("Conv", [dy, w], windowAttributes(window, group));
    const e = expressions(builder), shape = e.shapeOf(x);
    if (String(e.shapeOf(result)) === String(shape)) return result;
    // output_padding can make room for one more window than there were input pixels.
    const axes = shape.map((_, i) => i);
    return builder.add("Slice", [
      result,
      builder.ints(axes.map(() => 0)),
      builder.ints(shape),
      builder.ints(axes),
    ]);
  };
  return [
    needs[0] ? toInput() : undefined,
    // Seen from behind: dy is the input of a convolution whose output's gradient is x.
    needs[1] ? weightGradient(context, dy, x, window, group) : undefined,
    needs[2] ? biasGradient(context, dy) : undefined,
  ];
};

/** Rules by operator. */
export const CONVOLUTIONS: Readonly<Record<string, GradientRule>> = {
  Conv: conv,
  ConvTranspose: convTranspose,
};
