/**
 * `deno task node` and the command line that talks to it, as processes: a job is posted, done, checked, paid and fetched.
 */
import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { assertMatch } from "@std/assert/match.js";
import { readSafetensors } from "../../executor/mod.ts";
import { ComputationProof, UNITS_PER_TOKEN } from "../../ledger/mod.ts";
import { decode, encode } from "../../ledger/primitives/mod.ts";
import { assay, inFolder, processesIn, startNodeProcess } from "./assay_process.ts";

/** Twelve nodes start in 10 s on two free cores; a loaded machine may take ten times that. */
const START_MS = 120_000;

/** Ctrl-C ends it in one to three seconds. */
const END_MS = 20_000;

/** Trains for a moment: the network is what is tested. */
const JOB = `
kind: train
note: a short lesson
model: digits/model.onnx
data: { images: digits/data.safetensors, labels: digits/data.safetensors }
inputs: { image: images }
labels: labels
optimizer: { kind: sgd, learningRate: 0.05 }
steps: 12
batch: 16
segment: 4
reward: 12.5
`;

Deno.test("a job posted to a local network is done, checked, paid and fetched; Ctrl-C leaves nothing", async (t) => {
  await inFolder(async (folder) => {
    const json = async (...words: string[]) => {
      const { code, out, error } = await assay(folder, ...words, "--json");
      assertEquals(code, 0, error);
      return JSON.parse(out);
    };
    const node = await startNodeProcess(folder);
    try {
      await node.heard(/A network of 12 nodes is up/, START_MS);
      assertEquals((await assay(folder, "example", "digits")).code, 0);
      await Deno.writeTextFile(`${folder}/job.yaml`, JOB);

      await t.step("the job is followed to its end", async () => {
        const { code, out, error } = await assay(folder, "task", "post", "job.yaml", "--watch");
        assertEquals(code, 0, error);
        assertMatch(out, /Done and final: provider [0-9a-f]{12} is paid 12\.5 AIGENSYN/);
      });

      await t.step("it was checked, and paid by the requester to the provider", async () => {
        await node.heard(/challenger-1 checked "a short lesson" .*: computed the same, to the bit/, START_MS);
        const [task] = await json("task", "list");
        assertEquals([task.title, task.status, task.reward], ["a short lesson", "done", "12500000000"]);
        const start = 1_000n * UNITS_PER_TOKEN, reward = 12_500_000_000n, fees = UNITS_PER_TOKEN / 10n;
        const earned = BigInt((await json("account", task.provider)).balance) - start;
        assert(earned <= reward && earned > reward - fees, `the provider earned ${earned}`);
        const paid = start - BigInt((await json("account")).balance);
        // An auditor has half of what the provider has for each segment, here for all 3, and the task's record has a deposit of 0.01.
        const audits = reward / 2n + UNITS_PER_TOKEN / 100n, due = reward + audits;
        assert(paid >= due && paid < due + fees, `the requester paid ${paid}`);
      });

      await t.step("its output is the model's weights, trained", async () => {
        const [{ id }] = await json("task", "list");
        const { code, error } = await assay(
          folder,
          "task",
          "fetch",
          id.slice(0, 10),
          "--out",
          "trained.safetensors",
        );
        assertEquals(code, 0, error);
        const tensors = readSafetensors(await Deno.readFile(`${folder}/trained.safetensors`));
        assertEquals(tensors["fc.weight"]?.shape, [10, 256]);
        assertEquals([...tensors["training.step"]?.data ?? []], [12n]);
        // The bias starts at zero: anything else was learned.
        assert([...tensors["fc.bias"]?.data ?? []].some((value) => value !== 0));
      });

      await t.step(
        "its computation proof holds, on the ledger and executed again; changed, it does not",
        async () => {
          const [{ id }] = await json("task", "list");
          const said = async (...words: string[]) => {
            const { code, out, error } = await assay(folder, ...words);
            return { code, said: `${out}${error}` };
          };
          const written = await said("task", "proof", id, "--out", "lesson.proof", "--blobs", "files");
          assertEquals(written.code, 0, written.said);
          assertEquals((await said("task", "proof", id, "--records", "--out", "lesson.records")).code, 0);
          // Nothing of the node: neither its ledger nor its blobs.
          const alone = await said(
            ...["verify", "lesson.proof", "--task", "lesson.records", "--execute", "--blobs", "files"],
            ...["--home", "nowhere"],
          );
          assertEquals(alone.code, 0, alone.said);
          assertMatch(alone.said, /checked: +the provider has signed it/);
          assertMatch(alone.said, /checked: +the ledger has this result; the task is done/);
          assertMatch(alone.said, /checked: +executing the [1-9]\d* sampled segments gives their outputs/);
          assertEquals((await said("verify", "lesson.proof", "--task", id.slice(0, 10))).code, 0);

          assertEquals((await said("checkpoint", "--out", "trusted.json")).code, 0);
          const light = await said("verify", "lesson.proof", "--checkpoint", "trusted.json");
          assertEquals(light.code, 0, light.said);
          assertMatch(light.said, /checked: +the ledger has this result; the task is done/);

          const proof = decode(ComputationProof, await Deno.readFile(`${folder}/lesson.proof`));
          const other = { ...proof, provider: proof.task };
          await Deno.writeFile(`${folder}/changed.proof`, encode(ComputationProof, other));
          const changed = await said("verify", "changed.proof");
          assertEquals([changed.code, changed.said.includes("(not_signed)")], [1, true], changed.said);
        },
      );

      await t.step("a second node in the same home is refused", async () => {
        const second = await startNodeProcess(folder);
        await second.heard(/A node already runs with the home \.assay/, END_MS);
        assertEquals(await second.end(null, END_MS), 1);
      });

      await t.step("Ctrl-C ends it cleanly", async () => {
        assert((await processesIn(folder)).length > 1, "it has executors");
        assertEquals(await node.end("SIGINT", END_MS), 130);
        assertEquals(await processesIn(folder), []);
        const left = (await Array.fromAsync(Deno.readDir(`${folder}/.assay`))).map(({ name }) => name).sort();
        assertEquals(left, ["genesis.json", "key.json", "nodes"]);
        const { code, error } = await assay(folder, "status");
        assertEquals(code, 1);
        assertMatch(error, /^No node runs with the home \.assay\./);
      });
    } finally {
      await node.end("SIGKILL", END_MS);
    }
  });
});
