/**
 * An executor that computes another program than the one it is handed, and passes off the results as the one's.
 *
 * @module
 */
import { type BuiltProgram, type Executor, type ProgramEngine } from "../../../../executor/mod.ts";
import { bytesToHex, type Hash } from "../../../../ledger/primitives/mod.ts";

/** See the module. `other` builds the program that is run in place of every program loaded. */
export function computingAnother(own: Executor, other: (engine: ProgramEngine) => BuiltProgram): Executor {
  const replaced = new Map<string, Hash>();
  const instead = <T extends { readonly program: Hash }>(request: T): T => ({
    ...request,
    program: replaced.get(bytesToHex(request.program)) ?? request.program,
  });
  return {
    ...own,
    async load(files, options) {
      const truth = await own.load(files, options);
      const built = other(await own.engine(options));
      const manifest = built.blobs.find(({ id }) => bytesToHex(id) === bytesToHex(built.manifestId));
      if (manifest === undefined) throw new RangeError("A built program comes without its manifest");
      await own.load({ manifest: manifest.bytes, blobs: built.blobs }, options);
      replaced.set(bytesToHex(truth.id), built.id);
      return truth;
    },
    run: (request, options, listener) => own.run(instead(request), options, listener),
    restore: (request, options) => own.restore(instead(request), options),
    state: (request, options) => own.state(instead(request), options),
    output: (request, options) => own.output(instead(request), options),
    steps: (request, options) => own.steps(instead(request), options),
    trace: (request, options) => own.trace(instead(request), options),
    nodeInputs: (request, options) => own.nodeInputs(instead(request), options),
    nodeOutput: (request, options) => own.nodeOutput(instead(request), options),
  };
}
