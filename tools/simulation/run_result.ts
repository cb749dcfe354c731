/**
 * What became of one seed.
 *
 * @module
 */

/** A promise that was not kept. */
export interface Failure {
  /** Stable name of the promise. */
  readonly invariant: string;
  readonly message: string;
  /** What happened before, the latest last. */
  readonly trace: readonly string[];
}

/** What became of one strategy of a cheat under one seed. */
export interface StrategyResult {
  readonly name: string;
  readonly role: string;
  /** Whether it ended as it must. */
  readonly kept: boolean;
  /** What the guilty lost together, fees aside. */
  readonly slashed: bigint;
  readonly virtualMs: number;
}

/** See the module. */
export interface RunResult {
  readonly seed: number;
  /** What the seed decided, in a few words. */
  readonly description: string;
  readonly failure: Failure | undefined;
  readonly virtualMs: number;
  /** Height of the chain in the end. */
  readonly height: bigint;
  /** Of everything that was said and decided. */
  readonly digest: string;
  /** The strategies that were played, in a scenario of cheats. */
  readonly strategies?: readonly StrategyResult[];
}
