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
}
