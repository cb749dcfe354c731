/**
 * `deno task test:kill [TIMES]`: kills a network of four validators with SIGKILL at random moments, 200 times by default, always on
 * the same stores. Exits with status 1 if a final block is lost or a validator contradicts itself.
 *
 * @module
 */
import { seededRandom } from "../../../tools/simulation/mod.ts";
import { killTrial } from "./kill_trial.ts";

const kills = Number(Deno.args[0] ?? 200);
const started = performance.now();
const report = await killTrial(kills, seededRandom(kills), (done, height) => {
  if (done % 10 === 0) console.log(`${done} kills, height ${height}`);
});
const seconds = Math.round((performance.now() - started) / 1000);
console.log(
  `${report.kills} kills in ${seconds} s: no final block of ${report.height} lost, no contradiction in ${report.votes} votes ` +
    `(${report.otherVotes} of them finalize or nullify)`,
);
