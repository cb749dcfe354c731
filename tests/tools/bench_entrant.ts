/**
 * An entrant of a benchmark in a process of its own, good or bad. Arguments: `figure` N, `dies` (at its start), `crashes` (later).
 *
 * @module
 */
import { serveContender } from "../../tools/bench/serve_contender.ts";

if (import.meta.main) {
  const [manner = "", figure = ""] = Deno.args;
  console.log("libraries print what they like");
  if (manner === "dies") {
    console.error("no such package");
    Deno.exit(3);
  }
  await serveContender(() =>
    Promise.resolve({
      sample: () => manner === "crashes" ? Deno.exit(9) : Promise.resolve(Number(figure)),
      close: () => Promise.resolve(),
    })
  );
}
