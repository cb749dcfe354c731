/**
 * Shaders along rows: sums in the order of SPEC 4, maxima, moments, softmax. A row is any set of elements that a walk over some
 * axes reaches; where it starts is a walk over the other axes.
 *
 * Parameters: `P[0]` = 0, rows, first workgroup; `P[1]` = elements of a row, axes kept, axes of a row, the number of elements as
 * float (0: no mean); kept axis j, outermost first: `P[2 + j]` = size, distance; row axis j: `P[10 + j]`; `P[18]` = epsilon, whether
 * the mean is subtracted.
 *
 * @module
 */
import { LARGEST, REDUCTION_BLOCK, REDUCTION_LANES } from "../../numbers/mod.ts";
import { float } from "./literals.ts";
import { defineShader, type Shader } from "./shader.ts";

/** Axes of either kind that the parameters have room for. */
export const ROW_AXES = 8;
/** Threads of a shader with one thread for each row. */
export const COLUMN_THREADS = 64;
/** A counter of 15 bits numbers the blocks of 2^26 terms; one more tile waits while it is merged. */
const WAITING = 17;

const WALK = `fn walk(index: u32, first: u32, axes: u32) -> u32 {
  var rest = index;
  var at = 0u;
  for (var axis = axes; axis > 1u; axis = axis - 1u) {
    let a = P[first + axis - 1u];
    at += (rest % a.x) * a.y;
    rest = rest / a.x;
  }
  return at + rest * P[first].y;
}
fn startOf(row: u32) -> u32 { return walk(row, 2u, P[1].y); }
fn placeOf(i: u32) -> u32 { return walk(i, 10u, P[1].z); }
fn element(at: u32) -> f32 { return bitcast<f32>(I0[at]); }`;

/** The tree of SPEC 3.3 over blocks that come in ascending order: a binary counter of waiting sums. */
const TREE = `fn push(sum: f32, block: u32) {
  waiting[level] = sum;
  level = level + 1u;
  for (var bits = block + 1u; (bits & 1u) == 0u; bits = bits >> 1u) {
    level = level - 1u;
    waiting[level - 1u] = plus(waiting[level - 1u], waiting[level]);
  }
}
fn total() -> f32 {
  if (level == 0u) { return 0.0; }
  for (; level > 1u; level = level - 1u) {
    waiting[level - 2u] = plus(waiting[level - 2u], waiting[level - 1u]);
  }
  level = 0u;
  return canonical(waiting[0]);
}`;

const WAITING_SUMS = `var<private> waiting: array<f32, ${WAITING}>;
var<private> level: u32;`;

/** A workgroup's threads are the lanes of a sum. */
const LANES = `var<workgroup> lanes: array<f32, ${REDUCTION_LANES}>;
${WAITING_SUMS}
${WALK}
${TREE}
fn greatest(thread: u32, start: u32) -> f32 {
  var top = ${float(-LARGEST)};
  for (var i = thread; i < P[1].x; i = i + ${REDUCTION_LANES}u) { top = max(top, element(start + placeOf(i))); }
  lanes[thread] = top;
  workgroupBarrier();
  for (var h = ${REDUCTION_LANES / 2}u; h > 0u; h = h >> 1u) {
    if (thread < h) { lanes[thread] = max(lanes[thread], lanes[thread + h]); }
    workgroupBarrier();
  }
  let result = lanes[0];
  workgroupBarrier();
  return result;
}`;

/** A function `name(thread, start, extra)`: the sum over a row of a term of the element `x` at place `at`. */
function laneSum(name: string, term: string): string {
  return `fn ${name}(thread: u32, start: u32, extra: f32) -> f32 {
  for (var block = 0u; block * ${REDUCTION_BLOCK}u < P[1].x; block = block + 1u) {
    var lane = 0.0;
    let end = min(P[1].x, (block + 1u) * ${REDUCTION_BLOCK}u);
    for (var i = block * ${REDUCTION_BLOCK}u + thread; i < end; i = i + ${REDUCTION_LANES}u) {
      let at = start + placeOf(i);
      let x = element(at);
      lane = plus(lane, ${term});
    }
    lanes[thread] = lane;
    workgroupBarrier();
    for (var h = ${REDUCTION_LANES / 2}u; h > 0u; h = h >> 1u) {
      if (thread < h) { lanes[thread] = plus(lanes[thread], lanes[thread + h]); }
      workgroupBarrier();
    }
    push(lanes[0], block);
    workgroupBarrier();
  }
  return total();
}`;
}

/** Terms of the sums that are reductions. */
export const SUM_TERMS: Readonly<Record<string, string>> = {
  Sum: "x",
  SumSquare: "multiply(x, x)",
  L1: "magnitudeOf(x)",
};

const MEAN = `if (P[1].w != 0u) { result = divide(result, bitcast<f32>(P[1].w)); }`;

function rowShader(name: string, outputs: number, declarations: string, body: string): Shader {
  return defineShader({
    name,
    inputs: 1,
    outputs,
    threads: REDUCTION_LANES,
    declarations: `${LANES}\n${declarations}`,
    body: `
  let row = group;
  if (row >= P[0].y) { return; }
  let start = startOf(row);
${body}`,
  });
}

function sumRows(name: string, term: string): Shader {
  return rowShader(
    `rows ${name}`,
    1,
    laneSum("sumOf", term),
    `
  var result = sumOf(thread, start, 0.0);
  ${MEAN}
  if (thread == 0u) { O0[row] = bitcast<u32>(result); }`,
  );
}

/** A function `name(start, extra)`: as {@link laneSum}, for one thread that keeps all lanes. */
function columnSum(name: string, term: string): string {
  return `fn ${name}(start: u32, extra: f32) -> f32 {
  var own: array<f32, ${REDUCTION_LANES}>;
  for (var block = 0u; block * ${REDUCTION_BLOCK}u < P[1].x; block = block + 1u) {
    for (var lane = 0u; lane < ${REDUCTION_LANES}u; lane = lane + 1u) { own[lane] = 0.0; }
    let end = min(P[1].x, (block + 1u) * ${REDUCTION_BLOCK}u);
    for (var i = block * ${REDUCTION_BLOCK}u; i < end; i = i + 1u) {
      let x = element(start + placeOf(i));
      let lane = i % ${REDUCTION_LANES}u;
      own[lane] = plus(own[lane], ${term});
    }
    for (var h = ${REDUCTION_LANES / 2}u; h > 0u; h = h >> 1u) {
      for (var lane = 0u; lane < h; lane = lane + 1u) { own[lane] = plus(own[lane], own[lane + h]); }
    }
    push(own[0], block);
  }
  return total();
}`;
}

/** A shader with a thread for each row. */
function columnShader(name: string, outputs: number, declarations: string, body: string): Shader {
  return defineShader({
    name,
    inputs: 1,
    outputs,
    threads: COLUMN_THREADS,
    declarations: `${WAITING_SUMS}\n${WALK}\n${TREE}\n${declarations}`,
    body: `
  let row = group * ${COLUMN_THREADS}u + thread;
  if (row >= P[0].y) { return; }
  let start = startOf(row);
${body}`,
  });
}

/** One thread for each sum: for rows whose neighbours lie side by side, and for short ones. */
function sumColumns(name: string, term: string): Shader {
  return columnShader(
    `columns ${name}`,
    1,
    columnSum("sumOf", term),
    `
  var result = sumOf(start, 0.0);
  ${MEAN}
  O0[row] = bitcast<u32>(result);`,
  );
}

/** One thread for each row, any order: maxima, integer sums, and the first place of an extreme. */
function foldColumns(name: string, first: string, step: string, result: string): Shader {
  return defineShader({
    name: `columns ${name}`,
    inputs: 1,
    outputs: 1,
    threads: COLUMN_THREADS,
    declarations: WALK,
    body: `
  let row = group * ${COLUMN_THREADS}u + thread;
  if (row >= P[0].y) { return; }
  let start = startOf(row);
  var best = 0u;
  var value = ${first};
  for (var i = 0u; i < P[1].x; i = i + 1u) {
    let at = start + placeOf(i);
    let x = element(at);
    ${step}
  }
  O0[row] = ${result};`,
  });
}

const LOWEST = float(-LARGEST);
const HIGHEST = float(LARGEST);
const FIRST = "element(start)";
const INT_FIRST = "bitcast<i32>(I0[start])";

const FOLDS: Readonly<Record<string, readonly [first: string, step: string, result: string]>> = {
  Max: [LOWEST, "value = max(value, x);", "bitcast<u32>(value)"],
  Min: [HIGHEST, "value = min(value, x);", "bitcast<u32>(value)"],
  Prod: ["1.0", "value = multiply(value, x);", "bitcast<u32>(value)"],
  ProdInt: ["1u", "value = value * I0[at];", "value"],
  MaxInt: [INT_FIRST, "value = max(value, bitcast<i32>(I0[at]));", "bitcast<u32>(value)"],
  MinInt: [INT_FIRST, "value = min(value, bitcast<i32>(I0[at]));", "bitcast<u32>(value)"],
  SumInt: ["0u", "value = value + I0[at];", "value"],
  ArgMax: [FIRST, "if (x > value) { value = x; best = i; }", "best"],
  ArgMin: [FIRST, "if (x < value) { value = x; best = i; }", "best"],
  ArgMaxLast: [FIRST, "if (x >= value) { value = x; best = i; }", "best"],
  ArgMinLast: [FIRST, "if (x <= value) { value = x; best = i; }", "best"],
};

/**
 * Running sums, a thread for each line: `P[1]` = distance of neighbours on the line, their number, whether an element is left out of
 * its own sum, whether they run from the end.
 */
function runningSum(name: string, zero: string, value: string, sum: string, result: string): Shader {
  return defineShader({
    name,
    inputs: 1,
    outputs: 1,
    threads: COLUMN_THREADS,
    body: `
  let line = group * ${COLUMN_THREADS}u + thread;
  if (line >= P[0].y) { return; }
  let start = (line / P[1].x) * P[1].x * P[1].y + line % P[1].x;
  var total = ${zero};
  for (var i = 0u; i < P[1].y; i = i + 1u) {
    let at = start + select(i, P[1].y - 1u - i, P[1].w == 1u) * P[1].x;
    let x = ${value};
    let before = total;
    total = ${sum};
    let written = select(total, before, P[1].z == 1u);
    O0[at] = ${result};
  }`,
  });
}

export const RUNNING_SUM: Shader = runningSum(
  "running sum",
  "0.0",
  "bitcast<f32>(I0[at])",
  "add(total, x)",
  "bitcast<u32>(written)",
);
export const RUNNING_SUM_INT: Shader = runningSum(
  "running sum of integers",
  "0u",
  "I0[at]",
  "total + x",
  "written",
);

/**
 * The best of a line, a thread for each element: it counts those that stand before it, and writes itself to its place if that is
 * among the first. `P[1]` = distance of neighbours on the line, their number, how many are wanted, whether the largest are.
 */
function topShader(name: string, type: string): Shader {
  return defineShader({
    name,
    inputs: 1,
    outputs: 2,
    threads: COLUMN_THREADS,
    body: `
  let index = group * ${COLUMN_THREADS}u + thread;
  if (index >= P[0].y) { return; }
  let own = (index / P[1].x) % P[1].y;
  let outer = index / (P[1].x * P[1].y);
  let start = index - own * P[1].x;
  let value = bitcast<${type}>(I0[index]);
  var rank = 0u;
  for (var i = 0u; i < P[1].y; i = i + 1u) {
    let other = bitcast<${type}>(I0[start + i * P[1].x]);
    let better = select((other < value), (other > value), P[1].w == 1u);
    if (better || (other == value && i < own)) { rank = rank + 1u; }
  }
  if (rank < P[1].z) {
    let at = (outer * P[1].z + rank) * P[1].x + index % P[1].x;
    O0[at] = I0[index];
    O1[at] = own;
  }`,
  });
}

export const TOP: Shader = topShader("top", "f32");
export const TOP_INT: Shader = topShader("top of integers", "i32");

const SQUARES = "multiply(subtract(x, extra), subtract(x, extra))";
/** Given `count`, `mean` and `variance`. */
const PUT_MOMENTS = `
    O0[row] = bitcast<u32>(mean);
    O1[row] = bitcast<u32>(variance);
    O2[row] = bitcast<u32>(divide(1.0, squareRoot(add(variance, bitcast<f32>(P[18].x)))));`;

/** A shader in two forms, with the same bits. */
export interface RowForms {
  /** A workgroup for each row. */
  readonly byWorkgroup: Shader;
  /** A thread for each row: for adapters that are software, to which a barrier costs more than a row. */
  readonly byThread: Shader;
}

/** Mean, variance and inverse deviation of each row (SPEC 6.9). */
export const MOMENTS: RowForms = {
  byWorkgroup: rowShader(
    "rows Moments",
    3,
    `${laneSum("sumOf", "x")}\n${laneSum("squaresOf", SQUARES)}`,
    `
  let count = bitcast<f32>(P[1].w);
  var mean = 0.0;
  if (P[18].y == 1u) { mean = divide(sumOf(thread, start, 0.0), count); }
  let variance = divide(squaresOf(thread, start, mean), count);
  if (thread == 0u) {${PUT_MOMENTS}
  }`,
  ),
  byThread: columnShader(
    "columns Moments",
    3,
    `${columnSum("sumOf", "x")}\n${columnSum("squaresOf", SQUARES)}`,
    `
  let count = bitcast<f32>(P[1].w);
  var mean = 0.0;
  if (P[18].y == 1u) { mean = divide(sumOf(start, 0.0), count); }
  let variance = divide(squaresOf(start, mean), count);${PUT_MOMENTS}`,
  ),
};

const EXPONENTIAL = "exponential(subtract(x, extra))";

function softmaxForms(name: string, prepare: string, result: string): RowForms {
  const put = `
    let at = start + placeOf(i);
    let x = element(at);
    O0[at] = bitcast<u32>(${result});`;
  return {
    byWorkgroup: rowShader(
      `rows ${name}`,
      1,
      laneSum("exponentialsOf", EXPONENTIAL),
      `
  let top = greatest(thread, start);
  let sum = exponentialsOf(thread, start, top);
  ${prepare}
  for (var i = thread; i < P[1].x; i = i + ${REDUCTION_LANES}u) {${put}
  }`,
    ),
    byThread: columnShader(
      `columns ${name}`,
      1,
      columnSum("exponentialsOf", EXPONENTIAL),
      `
  var top = ${float(-LARGEST)};
  for (var i = 0u; i < P[1].x; i = i + 1u) { top = max(top, element(start + placeOf(i))); }
  let sum = exponentialsOf(start, top);
  ${prepare}
  for (var i = 0u; i < P[1].x; i = i + 1u) {${put}
  }`,
    ),
  };
}

/** Softmax and its logarithm: the output lies as the input does. */
export const SOFTMAX: RowForms = softmaxForms(
  "Softmax",
  "let inverse = divide(1.0, sum);",
  "multiply(exponential(subtract(x, top)), inverse)",
);
export const LOG_SOFTMAX: RowForms = softmaxForms(
  "LogSoftmax",
  "let logarithmOfSum = logarithm(sum);",
  "subtract(subtract(x, top), logarithmOfSum)",
);

/** Sums with a workgroup for each row. */
export const SUM_ROWS: ReadonlyMap<string, Shader> = new Map(
  Object.entries(SUM_TERMS).map(([name, term]) => [name, sumRows(name, term)]),
);
/** Sums, extremes and their places with a thread for each row. */
export const COLUMNS: ReadonlyMap<string, Shader> = new Map([
  ...Object.entries(SUM_TERMS).map(([name, term]) => [name, sumColumns(name, term)] as const),
  ...Object.entries(FOLDS).map(([name, fold]) => [name, foldColumns(name, ...fold)] as const),
]);
