/**
 * What a script for a test network is.
 *
 * @module
 */
import type { Testnet } from "./testnet.ts";
import type { TestnetSpec } from "./testnet_spec.ts";

/** What a script may use besides the network. */
export interface ScriptContext {
  /** Fires on Ctrl-C. Pass it on to whatever waits; the network is stopped and its folder removed in any case. */
  readonly signal: AbortSignal;
  /** Prints a line. */
  log(line: string): void;
}

/** The default export of a script. */
export interface TestnetScript {
  readonly network: TestnetSpec;
  /** Works with the running network. What it throws ends it with exit status 1. */
  run(net: Testnet, context: ScriptContext): Promise<void>;
}
