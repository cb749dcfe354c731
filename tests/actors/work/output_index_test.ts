import { assertEquals } from "@std/assert/equals.js";
import { assertThrows } from "@std/assert/throws.js";
import { ActorError, checkOutputs, makeBlobAccess, type OutputIndex } from "../../../actors/mod.ts";
import { publishOutputs } from "../../../actors/work/mod.ts";
import { createOrtStrict } from "../../../executor/engines/ort_strict_ort.ts";
import { createLocalExecutor, encodeManifest } from "../../../executor/mod.ts";
import { hash, saltedRunRoot } from "../../../ledger/primitives/mod.ts";
import { makeBlobExchange, makeMemoryBlobStore, makeMemoryMesh } from "../../../net/mod.ts";
import { applying, fitting } from "../network/small_programs.ts";

const SEED = hash("test/seed");

/** Runs a job and publishes its outputs into a store in memory. */
async function publish(build: typeof fitting) {
  const mesh = await makeMemoryMesh(1);
  const executor = createLocalExecutor(await createOrtStrict());
  const call = { signal: AbortSignal.timeout(20_000) };
  const [transport] = mesh.transports;
  if (transport === undefined) throw new RangeError("A mesh of one has one transport");
  try {
    const built = build(await executor.engine(call));
    const program = await executor.load(
      { manifest: encodeManifest(built.manifest), blobs: built.blobs },
      call,
    );
    const { segmentRoots } = await executor.run({ program: program.id }, call);
    const store = makeMemoryBlobStore();
    const blobs = makeBlobAccess(store, makeBlobExchange(transport, store, { timers: mesh.network.timers }));
    const index = await publishOutputs({ executor, blobs }, program, segmentRoots, call);
    return {
      program: built.program,
      index,
      commitment: { runRoot: saltedRunRoot(SEED, segmentRoots), seed: SEED },
    };
  } finally {
    await executor.close();
    await mesh.close();
  }
}

const codeOf = (body: () => void) => assertThrows(body, ActorError).code;

Deno.test("the outputs that a provider publishes are those it committed to", async () => {
  for (const build of [fitting, applying]) {
    const { program, index, commitment } = await publish(build);
    checkOutputs(program, commitment, index);
  }
});

Deno.test("outputs that differ in any tensor, name, step or segment from what was committed to are refused", async () => {
  const { program, index, commitment } = await publish(applying);
  const [first, second] = index.maps;
  if (first === undefined || second === undefined) throw new RangeError("The job has two segments");
  const falsified: readonly OutputIndex[] = [
    { ...index, segmentRoots: index.segmentRoots.toReversed() },
    { ...index, segmentRoots: index.segmentRoots.slice(1) },
    { ...index, finalState: [] },
    { ...index, maps: [first] },
    { ...index, maps: [second, first] },
    { ...index, maps: [{ ...first, steps: first.steps.toReversed() }, second] },
    {
      ...index,
      maps: [first, {
        ...second,
        steps: second.steps.map((step) => step.map((tensor) => ({ ...tensor, name: "another" }))),
      }],
    },
    {
      ...index,
      finalState: index.finalState.map(({ name, header }) => ({
        name,
        header: { ...header, blob: new Uint8Array(32) },
      })),
    },
  ];
  assertEquals(
    falsified.map((index) => codeOf(() => checkOutputs(program, commitment, index))),
    falsified.map(() => "mismatch"),
  );
});
