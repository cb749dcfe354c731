/**
 * BatchNormalization on the kernels, inference and training.
 *
 * @module
 */
import { extent, floatAttribute, intAttribute } from "../../reference/mod.ts";
import { subtract } from "../../numbers/mod.ts";
import { allocationBytes } from "../machine.ts";
import { binary, unary } from "./elementwise.ts";
import { prepareMove } from "./strided.ts";
import {
  type Compiler,
  constantFloat,
  countOf,
  holdsFloats,
  inOrder,
  type Place,
  type Site,
  WORD,
  type Work,
} from "./work.ts";

/** A vector of one value for each channel, as an operand to broadcast over images and planes. */
export function perChannel(out: Place, vector: Place): Place {
  const rank = out.info.shape.length;
  const shape = [out.info.shape[1] ?? 1, ...new Array<number>(Math.max(0, rank - 2)).fill(1)];
  return { ...vector, info: { ...vector.info, shape } };
}

const batchNormalization: Compiler = (site) => {
  const [a, gain, shift, mean, variance] = site.inputs;
  const [out, runningMean, runningVariance] = site.outputs;
  if (!holdsFloats(a) || !gain || !shift || !mean || !variance || !out || countOf(a) === 0) return undefined;
  if (intAttribute(site.node, "training_mode", 0) === 0) {
    return applyMoments(site, { a, out, gain, shift, mean, variance });
  }
  const [newMean, newVariance] = [vectorLike(site, mean), vectorLike(site, mean)];
  return inOrder(
    measureMoments(site, a, newMean, newVariance),
    ...(runningMean ? [running(site, runningMean, mean, newMean)] : []),
    ...(runningVariance ? [running(site, runningVariance, variance, newVariance)] : []),
    applyMoments(site, { a, out, gain, shift, mean: newMean, variance: newVariance }),
  );
};

/** Memory of its own for a vector of the same shape. */
function vectorLike(site: Site, vector: Place): Place {
  return { ...vector, address: site.machine.allocate(countOf(vector) * WORD), constant: undefined };
}

/** A scalar attribute as an operand. */
function scalar(site: Site, value: number): Place {
  return {
    info: { dtype: "float32", shape: [] },
    address: constantFloat(site.machine, value),
    constant: undefined,
  };
}

interface Normalisation {
  readonly a: Place;
  readonly out: Place;
  readonly gain: Place;
  readonly shift: Place;
  readonly mean: Place;
  readonly variance: Place;
}

/** ((a - mean) / sqrt(variance + epsilon)) * gain + shift, one canonical step after another. */
function applyMoments(site: Site, { a, out, gain, shift, mean, variance }: Normalisation): Work {
  const epsilon = scalar(site, floatAttribute(site.node, "epsilon", 1e-5));
  const [sum, deviation] = [vectorLike(site, variance), vectorLike(site, variance)];
  return inOrder(
    binary(site, "Add", sum, variance, epsilon),
    unary(site, "Sqrt", deviation, sum),
    unary(site, "Reciprocal", sum, deviation),
    binary(site, "Sub", out, a, perChannel(out, mean)),
    binary(site, "Mul", out, out, perChannel(out, sum)),
    binary(site, "Mul", out, out, perChannel(out, gain)),
    binary(site, "Add", out, out, perChannel(out, shift)),
  );
}

/** before * momentum + now * (1 - momentum). */
function running(site: Site, out: Place, before: Place, now: Place): Work {
  const momentum = floatAttribute(site.node, "momentum", 0.9);
  const weighed = vectorLike(site, now);
  return inOrder(
    binary(site, "Mul", weighed, now, scalar(site, subtract(1, momentum))),
    binary(site, "Mul", out, before, scalar(site, momentum)),
    binary(site, "Add", out, out, weighed),
  );
}

/** Mean and variance of each channel, of a copy in scratch memory in which a channel's elements are a row. */
function measureMoments(site: Site, a: Place, mean: Place, variance: Place): Work {
  const { machine } = site;
  const [images = 1, channels = 1] = a.info.shape;
  const plane = extent(a.info.shape, 2);
  const count = images * plane;
  const move = prepareMove(machine, {
    axes: [
      { size: channels, target: count, source: plane },
      { size: images, target: plane, source: channels * plane },
      { size: plane, target: 1, source: 1 },
    ],
    targetStart: 0,
    sourceStart: 0,
  });
  const sums = machine.kernel("sumRowsSum");
  const squares = machine.kernel("sumRowsSumSquare");
  const centre = machine.kernel("b_Sub_left");
  const row = count * WORD;
  return {
    scratch: 2 * allocationBytes(countOf(a) * WORD),
    run: (scratch) => {
      const centred = scratch + allocationBytes(countOf(a) * WORD);
      move(scratch, a.address);
      sums(mean.address, scratch, channels, count, count);
      centre(centred, scratch, mean.address, channels, count, row, WORD);
      squares(variance.address, centred, channels, count, count);
    },
  };
}

/** Compilers by operator. */
export const batchNormalizationCompilers: Readonly<Record<string, Compiler>> = {
  BatchNormalization: batchNormalization,
};
