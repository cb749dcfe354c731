/**
 * Measures the entrants of a bench in interleaved rounds, within a budget of time.
 *
 * @module
 */
import { messageOf } from "../../ledger/primitives/mod.ts";
import type { Bench, Contender, OpenContender } from "./bench.ts";

/** How to measure. */
export interface MeasureOptions {
  readonly rounds: number;
  /** No round begins after this time; the first always runs. */
  readonly budgetMs: number;
  /** A limit on each opening and each sample: an entrant that hangs is unavailable. */
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
  /** A clock in milliseconds. */
  readonly now: () => number;
}

/** What became of an entrant: one figure for each round, or why there is none. */
export type Outcome =
  | { readonly kind: "measured"; readonly samples: readonly number[] }
  | { readonly kind: "unavailable"; readonly reason: string };

/** An entrant under measurement. */
interface Running {
  readonly name: string;
  readonly samples: number[];
  contender: Contender | undefined;
  reason: string | undefined;
}

/**
 * Opens all entrants, warms each up with one sample that does not count, and measures them in turns. The order turns around from round to
 * round, so that none is always the one after the same other. An entrant that fails is left out from there on.
 *
 * @returns By name. Entrants that were measured have figures of the same rounds.
 */
export async function measure(bench: Bench, given: MeasureOptions): Promise<ReadonlyMap<string, Outcome>> {
  const options = { ...given, deadlineMs: bench.deadlineMs ?? given.deadlineMs };
  const running: Running[] = [];
  try {
    for (const [name, open] of Object.entries(bench.entrants)) running.push(await start(name, open, options));
    const end = options.now() + options.budgetMs;
    const rounds = bench.rounds ?? options.rounds;
    for (let round = 0; round < rounds && (round === 0 || options.now() < end); round++) {
      for (const entrant of round % 2 === 0 ? running : running.toReversed()) {
        options.signal.throwIfAborted();
        const figure = await take(entrant, options);
        if (figure !== undefined) entrant.samples.push(figure);
      }
    }
  } finally {
    for (const { contender } of running) await contender?.close();
  }
  return new Map(running.map(({ name, samples, reason }) => [
    name,
    reason === undefined ? { kind: "measured", samples } : { kind: "unavailable", reason },
  ]));
}

async function start(name: string, open: OpenContender, options: MeasureOptions): Promise<Running> {
  options.signal.throwIfAborted();
  const entrant: Running = { name, samples: [], contender: undefined, reason: undefined };
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(options.deadlineMs)]);
  try {
    entrant.contender = await open(signal);
  } catch (thrown) {
    options.signal.throwIfAborted();
    entrant.reason = reasonOf(thrown);
    return entrant;
  }
  await take(entrant, options);
  return entrant;
}

/** One figure; `undefined` if the entrant is unavailable, or now becomes so. */
async function take(entrant: Running, { deadlineMs, signal }: MeasureOptions): Promise<number | undefined> {
  const { contender, reason } = entrant;
  if (contender === undefined || reason !== undefined) return undefined;
  try {
    const figure = await withDeadline(contender.sample(), deadlineMs);
    if (Number.isFinite(figure) && figure > 0) return figure;
    entrant.reason = `it measured ${figure}, which is no figure`;
  } catch (thrown) {
    signal.throwIfAborted();
    entrant.reason = reasonOf(thrown);
  }
  return undefined;
}

/** One line: it stands in a table. */
function reasonOf(thrown: unknown): string {
  return messageOf(thrown).split("\n")[0] ?? "";
}

async function withDeadline<T>(work: Promise<T>, deadlineMs: number): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new RangeError(`no figure within ${deadlineMs} ms`)), deadlineMs);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
