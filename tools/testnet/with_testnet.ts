/**
 * A test network for as long as something needs it.
 *
 * @module
 */
import { DEFAULT_HOME } from "../cli/connect.ts";
import { startTestnet, type Testnet, type TestnetOptions } from "./testnet.ts";
import type { TestnetSpec } from "./testnet_spec.ts";

/** Rejects with the signal's reason when it fires. */
function interruption(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    const interrupt = () => reject(signal?.reason);
    signal?.addEventListener("abort", interrupt, { once: true });
    if (signal?.aborted) interrupt();
  });
}

/** Attempts to remove a folder, and the pause between them: a worker that is ending may still write into it. */
const REMOVALS = 20, REMOVAL_PAUSE_MS = 100;

async function removeFolder(folder: string): Promise<void> {
  for (let attempt = 1;; attempt++) {
    try {
      return await Deno.remove(folder, { recursive: true });
    } catch (thrown) {
      if (thrown instanceof Deno.errors.NotFound) return; // somebody else has tidied up
      if (attempt === REMOVALS) throw thrown;
      await new Promise((resolve) => setTimeout(resolve, REMOVAL_PAUSE_MS));
    }
  }
}

/**
 * Starts a network in a folder of its own below `.assay/`, lets `use` work with it, stops it and removes the folder, whatever
 * happened. When the signal fires, it does not wait for what `use` is waiting for.
 *
 * @returns What `use` returns.
 * @throws what starting throws, what `use` throws, the signal's reason.
 */
export async function withTestnet<T>(
  spec: TestnetSpec,
  options: Omit<TestnetOptions, "folder">,
  use: (net: Testnet) => Promise<T>,
): Promise<T> {
  await using cleanup = new AsyncDisposableStack();
  await Deno.mkdir(DEFAULT_HOME, { recursive: true });
  const folder = await Deno.makeTempDir({ dir: DEFAULT_HOME, prefix: "testnet-" });
  cleanup.defer(() => removeFolder(folder));
  const net = await startTestnet(spec, { ...options, folder });
  cleanup.defer(() => net.stop());
  return await Promise.race([use(net), interruption(options.signal)]);
}
