/**
 * Our own domain's operators.
 *
 * @module
 */
import { divide, subtract } from "../../numbers/mod.ts";
import { dropoutKey, dropoutThreshold } from "../../reference/mod.ts";
import { allocationBytes } from "../machine.ts";
import {
  type Compiler,
  constantFloat,
  countOf,
  holdsFloats,
  inOrder,
  vectorsOf,
  WORD,
  work,
} from "./work.ts";

/** Adds each row of dY to the row of the table that its index names, in ascending order. */
const embeddingGradient: Compiler = (site) => {
  const [indices, gradient] = site.inputs;
  const [out] = site.outputs;
  if (!indices || !gradient || !out) return undefined;
  const [rows = 1, width = 1] = out.info.shape;
  const count = countOf(out);
  const [fill, canonical] = [site.machine.kernel("fill"), site.machine.kernel("u_Canonical")];
  const sums = work(() => {
    const which = site.machine.view("int32", indices.address, countOf(indices));
    const table = site.machine.view("float32", out.address, count);
    const terms = site.machine.view("float32", gradient.address, countOf(gradient));
    which.forEach((index, position) => {
      const row = index < 0 ? index + rows : index;
      if (row < 0 || row >= rows) return;
      const [to, from] = [row * width, position * width];
      // A sum of two floats rounded to binary64 and then to binary32 is the one rounded once.
      for (let column = 0; column < width; column++) {
        table[to + column] = (table[to + column] ?? 0) + (terms[from + column] ?? 0);
      }
    });
  });
  return inOrder(
    work(() => fill(out.address, 0, vectorsOf(count))),
    sums,
    work(() => canonical(out.address, out.address, vectorsOf(count))),
  );
};

/** Ratio and step are known only as it runs; the mask goes to scratch memory if nobody wants it. */
const counterDropout: Compiler = (site) => {
  const { machine } = site;
  const [a, ratio, step] = site.inputs;
  const [out, mask] = site.outputs;
  if (!holdsFloats(a) || !ratio || !step || !out) return undefined;
  const [key0, key1] = dropoutKey(site);
  const kernel = machine.kernel("dropout");
  const scale = constantFloat(machine, 1);
  const vectors = vectorsOf(countOf(out));
  return {
    scratch: mask ? 0 : allocationBytes(countOf(out) * WORD),
    run: (scratch) => {
      const share = machine.view("float32", ratio.address, 1)[0] ?? 0;
      const now = machine.view("int32", step.address, 1)[0] ?? 0;
      machine.view("float32", scale, 1)[0] = divide(1, subtract(1, share));
      const maskAt = mask?.address ?? scratch;
      kernel(out.address, maskAt, a.address, vectors, key0, key1, now, dropoutThreshold(share), scale);
    },
  };
};

/** Compilers by operator. */
export const ownCompilers: Readonly<Record<string, Compiler>> = {
  EmbeddingGradient: embeddingGradient,
  CounterDropout: counterDropout,
};
