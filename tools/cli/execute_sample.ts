/**
 * Executing the sampled segments of a computation proof on this machine.
 *
 * A segment is executed after those before it, from the program's initial state on: nothing is taken from the provider but the program's
 * files, whose ids the proof names. That costs the run up to the last sampled segment, and finds a lie in segments that were not drawn
 * too, by the state in which the next drawn one starts.
 *
 * @module
 */
import { findingOf } from "../../actors/mod.ts";
import { createLocalExecutor, decodeManifest, type Engine, manifestBlobs } from "../../executor/mod.ts";
import { type ComputationProof, ProofError, type VerifierPowers } from "../../ledger/mod.ts";
import { equalBytes, type Hash, programId, stateRoot } from "../../ledger/primitives/mod.ts";
import { ToolError } from "../errors.ts";

/** Gets a blob by its id. What it gives is checked. */
export type GetBlob = (id: Hash) => Promise<Uint8Array>;

/** The blobs that a proof's program is made of: its manifest, and those that this names. */
export async function programFiles({ manifest: id }: Pick<ComputationProof, "manifest">, get: GetBlob) {
  const manifest = await get(id);
  const ids = manifestBlobs(decodeManifest(manifest));
  return { manifest, blobs: await Promise.all(ids.map(async (id) => ({ id, bytes: await get(id) }))) };
}

/**
 * What `verifyComputation` executes segments with. The engine stays open.
 *
 * @throws {ToolError} `usage` for files of another program; `ExecutorError` for files that are none, or of another engine.
 */
export async function sampleExecutor(
  engine: Engine,
  { program, manifest }: Pick<ComputationProof, "program" | "manifest">,
  get: GetBlob,
  signal: AbortSignal,
): Promise<NonNullable<VerifierPowers["execute"]>> {
  const executor = createLocalExecutor(engine), call = { signal };
  const loaded = await executor.load(await programFiles({ manifest }, get), call);
  if (!equalBytes(loaded.id, programId(program))) {
    throw new ToolError("usage", "The manifest that the proof names is of another program than the proof's.");
  }
  return async (segment, input) => {
    const { entries } = await executor.state({ program: loaded.id, segment }, call);
    if (!equalBytes(stateRoot(entries), input)) {
      throw new ProofError(
        "wrong_result",
        `Executing what comes before segment ${segment} gives another state than the one that it starts from.`,
        { segment },
      );
    }
    return await findingOf(executor, loaded, segment, call);
  };
}
