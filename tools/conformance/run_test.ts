/**
 * Runs one backend test on an engine.
 *
 * @module
 */
import { CodedError, messageOf } from "../../ledger/primitives/mod.ts";
import {
  type Engine,
  type Graph,
  listOperators,
  parseModel,
  readTensorFile,
  specialize,
  type Tensor,
  type Tensors,
  type TypedGraph,
} from "../../executor/mod.ts";
import { compareTensors, DEFAULT_TOLERANCE, type Tolerance } from "./compare_tensors.ts";
import type { DataSet, TestContent } from "./find_tests.ts";
import { type Outcome, type Trouble, UNKNOWN_OPERATOR } from "./outcome.ts";

/**
 * Runs every data set of a test; the first one that does not pass decides. Everything that is known before computing (reading
 * the model and its tensors, shapes, loading) can only be refused, everything after that can only fail.
 */
export async function runTest(engine: Engine, content: TestContent): Promise<Outcome> {
  let operators: readonly string[] = [], model: Graph;
  try {
    operators = listOperators(content.model);
    model = parseModel(content.model);
  } catch (thrown) {
    return { operators, ...refusal(thrown, blame(operators)) };
  }
  const blamed = blame(operators);
  if (content.dataSets.length === 0) {
    return { kind: "failed", operators, operator: blamed, reason: "The test has no test_data_set_* folder." };
  }
  const tolerance = toleranceOf(content.settings);
  for (const dataSet of content.dataSets) {
    const trouble = await runDataSet(engine, model, dataSet, tolerance, blamed);
    if (trouble !== undefined) return { operators, ...trouble };
  }
  return { kind: "passed", operators };
}

/** Without better knowledge all operators of a model are to blame. */
function blame(operators: readonly string[]): string {
  return operators.length === 0 ? UNKNOWN_OPERATOR : operators.join("+");
}

/** numpy, which wrote the files, has no bfloat16: its bits stand there as uint16. */
function asDeclared(dtype: Tensor["dtype"], tensor: Tensor): Tensor {
  return dtype === "bfloat16" && tensor.dtype === "uint16" ? { ...tensor, dtype } : tensor;
}

/** An engine that promises finite numbers says so in its specification, and no model can ask it for others. */
function hasFiniteNumbersOnly({ name }: Engine): boolean {
  return name.startsWith("repops");
}

/** The bounds that a test's `data.json` states; each may be left out. */
function toleranceOf(settings: string | undefined): Tolerance {
  const stated: unknown = settings === undefined ? {} : JSON.parse(settings);
  const number = (name: string, otherwise: number) => {
    const value: unknown = typeof stated === "object" && stated !== null
      ? Reflect.get(stated, name)
      : undefined;
    return typeof value === "number" ? value : otherwise;
  };
  return {
    relative: number("rtol", DEFAULT_TOLERANCE.relative),
    absolute: number("atol", DEFAULT_TOLERANCE.absolute),
  };
}

async function runDataSet(
  engine: Engine,
  model: Graph,
  dataSet: DataSet,
  tolerance: Tolerance,
  blamed: string,
): Promise<Trouble | undefined> {
  let inputs: Tensors, expected: readonly Tensor[], graph: TypedGraph;
  try {
    inputs = Object.fromEntries(model.inputs.flatMap(({ name, dtype }, i) => {
      const bytes = dataSet.inputs[i];
      return bytes === undefined ? [] : [[name, asDeclared(dtype, readTensorFile(bytes))]];
    }));
    graph = specialize(model, inputs);
    expected = graph.outputs.flatMap(({ dtype }, i) => {
      const bytes = dataSet.outputs[i];
      return bytes === undefined ? [] : [asDeclared(dtype, readTensorFile(bytes))];
    });
  } catch (thrown) {
    return refusal(thrown, blamed);
  }
  const session = await engine.load(graph).catch((thrown: unknown) => refusal(thrown, blamed));
  if ("kind" in session) return session;
  const failure = (reason: string): Trouble => ({ kind: "failed", operator: blamed, reason });
  try {
    const outputs = await session.run(inputs);
    for (const [i, { name }] of model.outputs.entries()) {
      const wanted = expected[i];
      if (wanted === undefined) return failure(`${dataSet.name} has no output_${i}.pb.`);
      const wrong = compareTensors(wanted, outputs[name], tolerance);
      if (wrong === undefined) continue;
      const reason = `${dataSet.name}, output "${name}": ${wrong.reason}.`;
      if (wrong.onlyNonFinite && hasFiniteNumbersOnly(engine)) {
        return {
          kind: "refused",
          operator: blamed,
          reason: `${reason} ${engine.name} has neither NaN nor infinity (SPEC 1).`,
        };
      }
      return failure(reason);
    }
    return undefined;
  } catch (thrown) {
    return failure(messageOf(thrown));
  } finally {
    await session.close();
  }
}

/** A typed error is a refusal that names its reason; anything else is a defect. */
function refusal(thrown: unknown, blamed: string): Trouble {
  if (!(thrown instanceof CodedError)) {
    return { kind: "failed", operator: blamed, reason: `Unforeseen: ${messageOf(thrown)}` };
  }
  const operator = thrown.fields["operator"];
  return {
    kind: "refused",
    operator: typeof operator === "string" ? operator : blamed,
    reason: thrown.message,
  };
}
