/**
 * A tab that checks a data centre: runs a program that somebody else has run, and says what it commits to.
 *
 * @module
 */
import { blobOf, createLocalExecutor } from "../../executor/mod.ts";
import { createRepopsEngine } from "../../executor/repops/mod.ts";
import { bytesToHex } from "../../ledger/primitives/mod.ts";
import { servePage } from "./in_page.ts";

/** A program's files, in base64. */
export interface TrainingInput {
  readonly manifest: string;
  readonly blobs: readonly string[];
}

/** What a run of it commits to, in hexadecimal. */
export interface TrainingOutcome {
  readonly segmentRoots: readonly string[];
  readonly outputRoot: string;
  readonly metric: number | null;
}

/** Runs the program of an input. The same code on both sides: only the host differs. */
export async function runProgram({ manifest, blobs }: TrainingInput): Promise<TrainingOutcome> {
  const executor = createLocalExecutor(await createRepopsEngine());
  const call = { signal: new AbortController().signal };
  try {
    const files = {
      manifest: Uint8Array.fromBase64(manifest),
      blobs: blobs.map((blob) => blobOf(Uint8Array.fromBase64(blob))),
    };
    const { id } = await executor.load(files, call);
    const { segmentRoots, outputRoot, metric } = await executor.run({ program: id }, call);
    return {
      segmentRoots: segmentRoots.map(bytesToHex),
      outputRoot: bytesToHex(outputRoot),
      metric: metric === null ? null : Number(metric),
    };
  } finally {
    await executor.close();
  }
}

if ("document" in globalThis) await servePage(runProgram);
