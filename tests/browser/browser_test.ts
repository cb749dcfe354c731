/**
 * In a real browser: what the project promises of a tab.
 */
import { assertEquals } from "@std/assert/equals.js";
import { encodeManifest } from "../../executor/mod.ts";
import { createRepopsEngine } from "../../executor/repops/mod.ts";
import { trainingProgram } from "../../tools/demo/demo_programs.ts";
import { testInBrowser } from "./chromium.ts";
import { runPage } from "./run_page.ts";
import { runProgram } from "./training_page.ts";

const page = (name: string) => new URL(`./${name}_page.ts`, import.meta.url);

testInBrowser(
  "a tab trains the demo's model to the same bits as a node, and so can check a data centre",
  async () => {
    const engine = await createRepopsEngine();
    const { manifest, blobs } = trainingProgram(engine);
    await engine.close();
    const input = {
      manifest: encodeManifest(manifest).toBase64(),
      blobs: blobs.map(({ bytes }) => bytes.toBase64()),
    };
    assertEquals(await runPage(page("training"), input), await runProgram(input));
  },
);
