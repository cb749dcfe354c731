/**
 * Operators on the WebAssembly kernels. `compileNode` makes a node ready: by a kernel where one serves its form, else by the
 * reference, which has the same bits and takes longer.
 *
 * Read `work.ts`, then `parallel.ts`, `product_rows.ts`, `product_columns.ts`, `product_driver.ts`, `short_products.ts` and `strided.ts`, then the
 * operators; `tile_kernels.ts` and `chain.ts` run several as one.
 *
 * @module
 */
import { ASSAY_DOMAIN } from "../../../onnx/mod.ts";
import { FUSED_DOMAIN } from "../../plan/mod.ts";
import { evaluateNode } from "../../reference/mod.ts";
import { type CanonicalTensor, sizeOf } from "../../values.ts";
import { batchNormalizationCompilers } from "./batch_normalization.ts";
import { convolutionCompilers } from "./convolution.ts";
import { elementwiseCompilers } from "./elementwise.ts";
import { integerConvolutionCompilers } from "./integer_convolution.ts";
import { integerProductCompilers } from "./integer_products.ts";
import { movementCompilers } from "./movement.ts";
import { ownCompilers } from "./own.ts";
import { fusedPoolingCompilers, poolingCompilers } from "./pooling.ts";
import { fusedProductCompilers, productCompilers } from "./products.ts";
import { quantizationCompilers } from "./quantization.ts";
import { rowCompilers } from "./rows.ts";
import { scanCompilers } from "./scans.ts";
import { type Compiler, type Place, type Site, type Work, work } from "./work.ts";

export { chainRows, compileChain } from "./chain.ts";
export { mapsInPlace, type TileKernel, tileKernel } from "./tile_kernels.ts";
export { countOf, type Place, type Site, vectorsOf, type Work } from "./work.ts";

const compilers: Readonly<Record<string, Compiler>> = {
  ...elementwiseCompilers,
  ...productCompilers,
  ...convolutionCompilers,
  ...poolingCompilers,
  ...rowCompilers,
  ...batchNormalizationCompilers,
  ...movementCompilers,
  ...scanCompilers,
  ...quantizationCompilers,
  ...integerProductCompilers,
  ...integerConvolutionCompilers,
};

/** Compilers of the nodes that the planner's fusion makes. */
const fusedCompilers: Readonly<Record<string, Compiler>> = {
  ...fusedProductCompilers,
  ...fusedPoolingCompilers,
};

/** A node ready to run, and whether a kernel runs it. */
export interface CompiledNode {
  readonly work: Work;
  readonly onKernel: boolean;
}

/** Makes a node ready. */
export function compileNode(site: Site): CompiledNode {
  const { domain, operator } = site.node;
  const compiler = compilersOf(domain)?.[operator];
  const compiled = compiler?.(site);
  return compiled ? { work: compiled, onKernel: true } : { work: byReference(site), onKernel: false };
}

function compilersOf(domain: string): Readonly<Record<string, Compiler>> | undefined {
  switch (domain) {
    case "":
      return compilers;
    case ASSAY_DOMAIN:
      return ownCompilers;
    case FUSED_DOMAIN:
      return fusedCompilers;
  }
  return undefined;
}

/** Runs the reference on the machine's memory. */
function byReference(site: Site): Work {
  const { machine, node, opset, precision } = site;
  const tensorAt = (place: Place): CanonicalTensor => ({
    ...place.info,
    words: machine.view(place.info.dtype, place.address, sizeOf(place.info)),
  });
  return work(() => {
    const results = evaluateNode({
      node,
      opset,
      precision,
      inputs: site.inputs.map((place) => place && tensorAt(place)),
      outputs: site.outputs.map((place) => place?.info ?? { dtype: "float32", shape: [0] }),
    });
    site.outputs.forEach((place, i) => {
      const result = results[i];
      if (place && result) {
        machine.view(place.info.dtype, place.address, result.words.length).set(result.words);
      }
    });
  });
}
