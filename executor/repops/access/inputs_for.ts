/**
 * Which input chunks a part of an output needs, and what it costs: from shapes alone.
 *
 * Every rule of the reference says what an element is as a function of elements of the inputs. So the rule is run on operands that note
 * which chunks are read and give made-up values back. Values decide what is read in two ways: by index, and these inputs are
 * asked for first; or by choice between two reads (`Where`, ignored labels), and the rule is run on zeros and on minus ones, which takes both.
 * Products are too many reads to be noted one by one: their vectors are.
 *
 * @module
 */
import { type ElementRule, operatorOf, type ProductSide, productSumsOf } from "../reference/mod.ts";
import type { Call, Operand } from "../reference/mod.ts";
import { decidingInputs } from "./deciding_inputs.ts";
import { callOn, type KnownInputs, type NodeRange, type NodeTypes, requireRange } from "./part.ts";
import { chunkCount, elementsPerChunk, operandOf } from "./sparse_tensor.ts";

/** Chunks that are needed, and what for. */
export interface InputNeeds {
  /**
   * False if the values of these chunks decide what else is read: get them, and ask again with them as `known`. True if they are all.
   */
  readonly complete: boolean;
  /** Positions of 64 KiB chunks, ascending, by the position of the input. Inputs that are not read are left out. */
  readonly chunks: ReadonlyMap<number, readonly number[]>;
  /** Multiplications with addition of a product; of other operators, reads of an element, each about one step of arithmetic. */
  readonly multiplyAdds: number;
}

/**
 * What computing a range of an output needs.
 *
 * @param known Inputs whose values are known: constants, and what an earlier answer asked for.
 * @throws {ExecutorError} `unsupported_operator`; `bad_request` for a range outside the output; `missing_chunk` if `known` holds some of a
 * deciding input's chunks, and not all that were asked for.
 */
export function inputsFor(types: NodeTypes, range: NodeRange, known: KnownInputs = new Map()): InputNeeds {
  requireRange(types, range);
  return needsOf(types, known, (call, note) => {
    const sums = range.output === 0 ? productSumsOf(call) : undefined;
    if (!sums) {
      const rule = operatorOf(call.node)(call)[range.output];
      return rule ? applied(rule, range) : 0;
    }
    for (const side of [sums.left, sums.right]) noteVectors(side, range, sums.terms, note);
    for (let index = range.start; index < range.end; index++) sums.finish(0, index);
    return (range.end - range.start) * sums.terms;
  });
}

/** What operands say when values are not known: false and true, and the sign that counts from the end. */
const MADE_UP: readonly number[] = [0, -1];

/** Notes that an element of an input is read. */
export type NoteRead = (position: number, element: number) => void;

/**
 * What a computation reads.
 *
 * @param compute Runs on operands that note what they are asked for. Returns multiply-adds, or 0 if its reads are to be counted.
 */
export function needsOf(
  types: NodeTypes,
  known: KnownInputs,
  compute: (call: Call, note: NoteRead) => number,
): InputNeeds {
  const deciding = decidingInputs(types.node);
  const ledgers = types.inputs.map((info) =>
    info && { marks: new Uint8Array(chunkCount(info)), perChunk: elementsPerChunk(info) }
  );
  let [awaiting, reads, multiplyAdds] = [false, 0, 0];
  const note: NoteRead = (position, element) => {
    const ledger = ledgers[position];
    if (ledger) ledger.marks[Math.floor(element / ledger.perChunk)] = 1;
  };
  for (const [pass, made] of MADE_UP.entries()) {
    const operands = types.inputs.map((info, position): Operand | undefined => {
      const given = known.get(position);
      const value = given && operandOf(given, `input ${position} of node ${types.node.name}`);
      const waits = deciding.includes(position) && !value;
      return info && {
        dtype: info.dtype,
        shape: info.shape,
        at: (index) => {
          reads++;
          note(position, index);
          if (waits) awaiting = true;
          return value ? value.at(index) : made;
        },
      };
    });
    multiplyAdds = compute(callOn(types, operands), note) || reads / (pass + 1);
  }
  const chunks = ledgers.flatMap((ledger, position) => {
    const wanted = !awaiting || (deciding.includes(position) && !known.has(position));
    const marked = ledger && wanted ? marksOf(ledger.marks) : [];
    return marked.length > 0 ? [[position, marked] as const] : [];
  });
  return { complete: !awaiting, chunks: new Map(chunks), multiplyAdds };
}

function marksOf(marks: Uint8Array): readonly number[] {
  return [...marks.keys()].filter((chunk) => marks[chunk] === 1);
}

/** Runs a rule for what it reads. */
function applied(rule: ElementRule, { start, end }: NodeRange): 0 {
  for (let index = start; index < end; index++) rule(index);
  return 0;
}

/** Notes every vector that enters a range of products, once. */
function noteVectors(side: ProductSide, { start, end }: NodeRange, terms: number, note: NoteRead): void {
  const seen = new Set<number>();
  for (let index = start; index < end; index++) {
    const vector = side.vectorOf(index);
    if (seen.has(vector)) continue;
    seen.add(vector);
    const elementOf = side.elementsOf(vector);
    for (let k = 0; k < terms; k++) {
      const element = elementOf(k);
      if (element !== undefined) note(side.position, element);
    }
  }
}
