/**
 * Choosing by order: ArgMax, ArgMin, TopK (SPEC 6.10). The lowest index wins a tie.
 *
 * @module
 */
import { intAttribute } from "./attributes.ts";
import { input, output, type ReferenceOperator, rememberLast } from "./call.ts";
import { extent, lineThrough, normalAxis } from "./positions.ts";

function argument(better: (a: number, b: number) => boolean): ReferenceOperator {
  return (call) => {
    const x = input(call, 0);
    const axis = normalAxis(intAttribute(call.node, "axis", 0), x.shape.length);
    const last = intAttribute(call.node, "select_last_index", 0) !== 0;
    const step = extent(x.shape, axis + 1);
    const length = x.shape[axis] ?? 1;
    return [(index) => {
      const start = Math.floor(index / step) * step * length + index % step;
      let best = 0;
      for (let i = 1; i < length; i++) {
        const [a, b] = [x.at(start + i * step), x.at(start + best * step)];
        if (better(a, b) || (last && a === b)) best = i;
      }
      return best;
    }];
  };
}

const topK: ReferenceOperator = (call) => {
  const x = input(call, 0);
  const axis = normalAxis(intAttribute(call.node, "axis", -1), x.shape.length);
  const sign = intAttribute(call.node, "largest", 1) !== 0 ? -1 : 1;
  const orderOf = rememberLast((start: number) => {
    const line = lineThrough(start, x.shape, axis);
    const value = (i: number) => x.at(start + i * line.step);
    const order = Array.from({ length: line.length }, (_, i) => i);
    return order.sort((a, b) => sign * (value(a) - value(b)) || a - b);
  });
  const chosen = (index: number) => {
    const { shape } = output(call);
    const place = lineThrough(index, shape, axis);
    const outer = Math.floor(index / (place.step * place.length));
    const start = outer * place.step * (x.shape[axis] ?? 1) + index % place.step;
    return { start, step: place.step, at: orderOf(start)[place.place] ?? 0 };
  };
  return [
    (index) => {
      const { start, step, at } = chosen(index);
      return x.at(start + at * step);
    },
    (index) => chosen(index).at,
  ];
};

/** Operators by name. */
export const selectionOperators: Readonly<Record<string, ReferenceOperator>> = {
  ArgMax: argument((a, b) => a > b),
  ArgMin: argument((a, b) => a < b),
  TopK: topK,
};
