/**
 * The numbers of repops, as SPEC.md defines them: the value domain, canonical arithmetic, functions, orders of summation,
 * integers, half precision, random numbers. Scalar, obvious, and the same on every JavaScript engine: nothing here uses a
 * function of `Math` that the language does not define to the bit.
 *
 * It knows only the names of element types. Read `canonical.ts` first, then `sums.ts` and `factors.ts`, then the functions.
 *
 * @module
 */
export { bitsOf, fromBits } from "./bits.ts";
export { add, canonical, divide, LARGEST, multiply, SMALLEST, squareRoot, subtract } from "./canonical.ts";
export {
  EXP_COEFFICIENTS,
  EXP_LIMIT,
  exponential,
  hyperbolicTangent,
  LN2_HIGH,
  LN2_LOW,
  LOG2_E,
  ROUNDER,
  sigmoid,
  silu,
  TANH_COEFFICIENTS,
  TANH_LIMIT,
  TANH_SPLIT,
  TANH_TINY,
} from "./exponential.ts";
export { LOG_COEFFICIENTS, logarithm, softplus, SQRT_HALF_BITS } from "./logarithm.ts";
export {
  ERF_FAR,
  ERF_LIMIT,
  ERF_NEAR,
  ERF_SLOPE,
  ERF_SPLIT,
  ERF_TINY,
  errorFunction,
  gelu,
  GELU_CUBIC,
  GELU_SCALE,
  geluTanh,
  SQRT_HALF,
} from "./error_function.ts";
export {
  COS_COEFFICIENTS,
  cosine,
  HALF_PI,
  QUARTER_PI,
  SIN_COEFFICIENTS,
  sine,
  SINE_TINY,
  TWO_OVER_PI,
} from "./trigonometric.ts";
export { EXACT_EXPONENT_LIMIT, power } from "./power.ts";
export {
  LONGEST_SUM,
  PRODUCT_BLOCK,
  PRODUCT_GROUP,
  productBlock,
  productGroup,
  productSum,
  REDUCTION_BLOCK,
  REDUCTION_LANES,
  reductionBlock,
  reductionSum,
  treeSum,
} from "./sums.ts";
export {
  DROPPED_BITS,
  factor,
  FACTOR_LARGEST_BITS,
  FACTOR_SMALLEST_BITS,
  type Precision,
} from "./factors.ts";
export { divideIntegers, integerPower, integerRange, remainder, saturate, wrap } from "./integers.ts";
export { bfloatToFloat, floatToBfloat, floatToHalf, halfToFloat, roundHalfEven } from "./half.ts";
export { threefry, THREEFRY_PARITY, THREEFRY_ROTATIONS, THREEFRY_ROUNDS, type WordPair } from "./threefry.ts";
