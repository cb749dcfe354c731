/**
 * Starts one of ONNX Runtime's WebAssembly builds, from the installed package alone and only if its bytes are the known ones.
 *
 * @module
 */
import type * as Runtime from "onnxruntime-web/wasm";
import { bytesToHex, type Hash, hash, messageOf, sha256, utf8 } from "../../ledger/primitives/mod.ts";
import { ExecutorError } from "../errors.ts";

/** The module that every build of the package exports. */
export type OrtRuntime = Pick<typeof Runtime, "InferenceSession" | "Tensor" | "env">;

/** The version that the pinned digests belong to; part of the kernel hash. */
export const ORT_VERSION = "1.30.0";

/** One build: its module, and the WebAssembly file beside it with the SHA-256 it must have. */
export interface OrtBuild {
  readonly runtime: OrtRuntime;
  /** Address of the JavaScript module: the WebAssembly file lies in the same folder. */
  readonly moduleUrl: string;
  readonly wasmFile: string;
  readonly wasmSha256: string;
}

/**
 * Loads, verifies and hands over the build's WebAssembly, and sets the runtime to one thread (two hang at times, and change
 * bits). Call once per build and process.
 *
 * @param wasm The file's bytes, where it cannot be fetched from beside the module (a browser bundle).
 * @returns The kernel hash: runtime version and WebAssembly bytes.
 * @throws {ExecutorError} `engine_unavailable` if the file cannot be read or has other bytes.
 */
export async function prepareBuild(build: OrtBuild, wasm?: Uint8Array): Promise<Hash> {
  const binary = wasm ?? await readWasm(new URL(build.wasmFile, build.moduleUrl));
  const digest = sha256(binary);
  const { env } = build.runtime;
  if (bytesToHex(digest) !== build.wasmSha256 || env.versions.web !== ORT_VERSION) {
    throw new ExecutorError(
      "engine_unavailable",
      `${build.wasmFile} of onnxruntime-web ${env.versions.web} is not the known build of ${ORT_VERSION}: ` +
        `its SHA-256 is ${bytesToHex(digest)}. Install exactly the pinned version.`,
    );
  }
  env.wasm.wasmBinary = binary.slice().buffer;
  env.wasm.numThreads = 1;
  env.wasm.proxy = false;
  env.logLevel = "fatal"; // what goes wrong arrives as an exception
  return hash("assay/engine/ort", utf8(`${ORT_VERSION} ${build.wasmFile} `), digest);
}

async function readWasm(url: URL): Promise<Uint8Array> {
  try {
    const response = await fetch(url);
    return new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    throw new ExecutorError(
      "engine_unavailable",
      `ONNX Runtime's WebAssembly could not be read from ${url.href}: ${messageOf(cause)}`,
      {},
      cause,
    );
  }
}

/**
 * Runs `start` and puts `globalThis.Worker` back afterwards: ONNX Runtime replaces it while its first session starts, which
 * would break every worker made later.
 */
export async function keepingWorker<T>(start: () => Promise<T>): Promise<T> {
  const before = Object.getOwnPropertyDescriptor(globalThis, "Worker");
  try {
    return await start();
  } finally {
    if (before !== undefined) Object.defineProperty(globalThis, "Worker", before);
  }
}

/** Settles when the runtime has done what it was asked last. */
let last: Promise<unknown> = Promise.resolve();

/**
 * Lets the runtime do one thing at a time: its one WebAssembly instance has one stack, and what is begun before something else has ended
 * finds that other's values there.
 */
export function oneAtATime<T>(work: () => Promise<T>): Promise<T> {
  const mine = last.then(work);
  last = mine.catch(() => undefined); // told to its own caller
  return mine;
}
