/**
 * The scenario `cheats`: every strategy of the catalogue and every one of validators, each under the seed. In the end the guilty have lost what the rules say, to the
 * unit, the honest nothing, every task is done or refunded, and no money came from nowhere.
 *
 * @module
 */
import type { Engine } from "../../executor/mod.ts";
import { createRepopsEngine } from "../../executor/repops/mod.ts";
import { bytesToHex, createSha256, hexToBytes, utf8 } from "../../ledger/primitives/mod.ts";
import { type Cheat, cheats, runCheat } from "./cheats/mod.ts";
import { sentence } from "./market/play.ts";
import { makeVirtualGround } from "./market/virtual_ground.ts";
import { makeVirtualTimers } from "./market/virtual_timers.ts";
import type { Mutation } from "./mutations/mod.ts";
import { makeDice } from "./random.ts";
import type { Failure, RunResult, StrategyResult } from "./run_result.ts";
import { makeSigningBook } from "./signing_book.ts";
import { playValidatorCheat, type ValidatorCheat, validatorCheats } from "./validator_cheats.ts";
import { verifyingOnce } from "./verification_memo.ts";
import { PromiseBroken } from "./watcher.ts";

/** Lines of the trace that are kept. */
const KEPT_LINES = 120;

/** Largest one-way delays, in milliseconds. */
const DELAYS = [1, 60] as const;

/** One strategy under one seed. */
interface Played extends StrategyResult {
  readonly failure: Failure | undefined;
  readonly height: bigint;
  readonly digest: Uint8Array;
}

/** Plays one strategy of a validator. */
function playValidator(cheat: ValidatorCheat, seed: number): Played {
  const { name, role } = cheat;
  const { failure, slashed, virtualMs, height, digest } = playValidatorCheat(cheat, seed);
  const result = { kept: failure === undefined, slashed, virtualMs, height, failure };
  return { name, role, ...result, digest: hexToBytes(digest) };
}

/** Started once for all plays of this process: to start and test it takes as long as a play. */
let engine: Promise<Engine> | undefined;
function sharedEngine(): Promise<Engine> {
  return engine ??= createRepopsEngine();
}

/** Plays one strategy under a seed, in virtual time. Each signature is verified once: everybody would find the same. */
export function playCheat(cheat: Cheat, seed: number): Promise<Played> {
  return verifyingOnce(() => play(cheat, seed));
}

async function play(cheat: Cheat, seed: number): Promise<Played> {
  const dice = makeDice(seed), timers = makeVirtualTimers(), book = makeSigningBook();
  const plan = cheat.plan(dice.fork());
  const ground = makeVirtualGround({
    book,
    timers,
    dice: dice.fork(),
    farthestMs: dice.between(...DELAYS),
    engine: await sharedEngine(),
  });
  const lines: string[] = [];
  const hasher = createSha256();
  const tell = (line: string) => {
    hasher.update(utf8(line));
    lines.push(line);
  };
  const known = { name: cheat.name, role: cheat.role };
  try {
    const { audit, slashed } = await runCheat(plan, ground, (name, event) => {
      const said = sentence(event);
      if (said !== undefined) tell(`${(timers.now() / 1000).toFixed(3)} s  ${name} ${said}`);
    });
    tell(audit.head);
    const { height } = audit;
    const result = { kept: true, slashed, virtualMs: timers.now(), height };
    return { ...known, ...result, failure: undefined, digest: hasher.digest() };
  } catch (thrown) {
    if (!(thrown instanceof PromiseBroken)) throw thrown;
    const message = `${cheat.name} (${plan.detail}): ${thrown.message}`;
    const failure = { invariant: thrown.invariant, message, trace: lines.slice(-KEPT_LINES) };
    return {
      ...known,
      kept: false,
      slashed: 0n,
      virtualMs: timers.now(),
      height: 0n,
      failure,
      digest: hasher.digest(),
    };
  }
}

/** The scenario with some of the strategies. Mutations are consensus'. */
export function runCheats(
  chosen: readonly (Cheat | ValidatorCheat)[],
): (seed: number, mutation?: Mutation) => Promise<RunResult> {
  return async (seed) => {
    const hasher = createSha256();
    const played: Played[] = [];
    for (const cheat of chosen) {
      const one = cheat.role === "validator" ? playValidator(cheat, seed) : await playCheat(cheat, seed);
      hasher.update(one.digest);
      played.push(one);
    }
    const kept = played.filter((one) => one.kept).length;
    return {
      seed,
      description: `${kept} of ${played.length} strategies ended as they must`,
      failure: played.find(({ failure }) => failure !== undefined)?.failure,
      virtualMs: played.reduce((sum, { virtualMs }) => sum + virtualMs, 0),
      height: played.reduce((most, { height }) => height > most ? height : most, 0n),
      digest: bytesToHex(hasher.digest()),
      strategies: played.map(({ name, role, kept, slashed, virtualMs }) => ({
        name,
        role,
        kept,
        slashed,
        virtualMs,
      })),
    };
  };
}

/** Every strategy: of the market, and of validators. */
export const strategies: readonly (Cheat | ValidatorCheat)[] = [...cheats, ...validatorCheats];

/** The strategy of a name. */
export function findStrategy(name: string): Cheat | ValidatorCheat | undefined {
  return strategies.find((strategy) => strategy.name === name);
}

/** The scenario with all strategies. */
export const runAllCheats = runCheats(strategies);
