/**
 * `deno task cheats [NAME...]`: plays the catalogue of cheats over real connections, one strategy after another, each a chain of its own
 * on connections that stay.
 * A line for each, and exit status 1 if one did not end as it must.
 *
 * @module
 */
import { cheats } from "../../simulation/cheats/mod.ts";
import { silentNarrator } from "../../terminal/narrator.ts";
import { demoOfCheat } from "./cheat_demo.ts";
import { makeWires } from "./wires.ts";

const names = Deno.args.length > 0 ? Deno.args : cheats.map(({ name }) => name);
const { signal } = new AbortController(), wires = makeWires(signal);
let kept = 0;
for (const name of names) {
  const report = await demoOfCheat(name, silentNarrator, signal, wires);
  if (report === undefined) {
    console.error(`There is no cheat "${name}".`);
    Deno.exit(2);
  }
  if (report.ok) kept++;
  console.log(
    `${name.padEnd(24)} ${report.ok ? "ok    " : "FAILED"} ${report.seconds.toFixed(0).padStart(4)} s  ${
      report.broken.join(" ")
    }`,
  );
}
console.log(`${kept} of ${names.length} ended as they must`);
// The native library's threads outlive every transport.
Deno.exit(kept === names.length ? 0 : 1);
