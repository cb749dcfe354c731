import { assert } from "@std/assert/assert.js";
import { seededRandom } from "../../../tools/simulation/mod.ts";
import { killTrial } from "./kill_trial.ts";

/** `deno task test:kill` does 200. */
const KILLS = 10;

Deno.test("four validators killed with SIGKILL at random moments lose no final block and sign nothing twice", async () => {
  const { height, votes } = await killTrial(KILLS, seededRandom(5));
  assert(height > BigInt(KILLS), `the chain grew between the kills, to ${height}`);
  assert(votes > 8 * KILLS, `votes were seen: ${votes}`);
});
