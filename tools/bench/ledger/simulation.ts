/**
 * How fast the simulator is.
 *
 * @module
 */
import { DEFAULT_TIMING } from "../../../ledger/node/mod.ts";
import { createNetwork } from "../../simulation/mod.ts";
import { withVerification } from "../../simulation/verification_memo.ts";
import type { OpenContender } from "../bench.ts";
import { processorSeconds } from "../repeat.ts";
import { benchGenesis, signerOf } from "./chain.ts";

/** Virtual time that passes in one sample. */
const SAMPLE_MS = 30_000;

/** Virtual seconds in a second of processor time, for seven validators making idle blocks. */
export const simulationSpeed: OpenContender = () => {
  const names = Array.from({ length: 7 }, (_, i) => `v${i}`), signers = names.map(signerOf);
  const network = createNetwork({ seed: 1, genesis: benchGenesis([], signers), timing: DEFAULT_TIMING });
  for (const name of names) network.add({ name, signer: signerOf(name) });
  return Promise.resolve({
    sample: () => {
      const start = processorSeconds();
      withVerification("once", () => network.run(SAMPLE_MS));
      return Promise.resolve(SAMPLE_MS / 1000 / (processorSeconds() - start));
    },
    close: () => Promise.resolve(),
  });
};
