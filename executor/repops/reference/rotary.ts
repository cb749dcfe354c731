/**
 * RotaryEmbedding (SPEC 6.15): pairs of features turned by an angle that depends on the position.
 *
 * @module
 */
import { add, multiply, subtract } from "../numbers/mod.ts";
import { intAttribute } from "./attributes.ts";
import { dimension, input, type ReferenceOperator } from "./call.ts";
import { placeOf } from "./gathering.ts";
import { coordinatesOf } from "./positions.ts";

const rotaryEmbedding: ReferenceOperator = (call) => {
  const [x, cosines, sines, positions] = [input(call, 0), input(call, 1), input(call, 2), call.inputs[3]];
  const interleaved = intAttribute(call.node, "interleaved", 0) !== 0;
  const flat = x.shape.length === 3;
  const heads = flat ? intAttribute(call.node, "num_heads", 1) : dimension(x, 1);
  const headSize = dimension(x, x.shape.length - 1) / (flat ? heads : 1);
  const rotated = intAttribute(call.node, "rotary_embedding_dim", 0) || headSize;
  const half = rotated / 2;
  const time = dimension(x, flat ? 1 : 2);
  return [(index) => {
    const at = coordinatesOf(index, x.shape);
    const feature = index % headSize;
    if (feature >= rotated) return x.at(index);
    const [batch, step] = [at[0] ?? 0, (flat ? at[1] : at[2]) ?? 0];
    const pair = interleaved ? Math.floor(feature / 2) : feature % half;
    const first = interleaved ? feature % 2 === 0 : feature < half;
    const distance = interleaved ? 1 : half;
    const place = batch * time + step;
    const row = positions ? placeOf(positions.at(place), dimension(cosines, 0)) : place;
    const [c, s] = [cosines.at(row * half + pair), sines.at(row * half + pair)];
    if (first) return subtract(multiply(c, x.at(index)), multiply(s, x.at(index + distance)));
    return add(multiply(s, x.at(index - distance)), multiply(c, x.at(index)));
  }];
};

/** Operators by name. */
export const rotaryOperators: Readonly<Record<string, ReferenceOperator>> = {
  RotaryEmbedding: rotaryEmbedding,
};
