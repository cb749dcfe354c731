/**
 * Whatever a person gets wrong on the command line or over HTTP is answered with a sentence and the right status. The node behind
 * the API is a stand-in here: nothing wrong gets as far as a real one.
 */
import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { assertMatch } from "@std/assert/match.js";
import { buildModel, GraphBuilder, type Tensor, writeSafetensors, zeros } from "../../executor/mod.ts";
import { UNITS_PER_TOKEN } from "../../ledger/mod.ts";
import { ZERO_HASH } from "../../ledger/primitives/mod.ts";
import type { ApiBackend } from "../../tools/api/backend.ts";
import { type ApiServer, serveApi } from "../../tools/api/serve_deno.ts";
import { assay, inFolder } from "./assay_process.ts";

const ADDRESS = "ab".repeat(32);

/** A node with an account of 1000 tokens, an empty ledger and no blobs. Nothing wrong may reach its operations. */
const backend: ApiBackend = {
  status: () => Promise.resolve({ address: ADDRESS, engine: "repops" }),
  account: () =>
    Promise.resolve({ address: ADDRESS, balance: 1_000n * UNITS_PER_TOKEN, nonce: 0n, stakes: {} }),
  params: () => Promise.resolve([]),
  proposals: () => Promise.resolve([]),
  proposal: () => Promise.resolve(undefined),
  checkpoint: () => Promise.reject(new Error("not asked for")),
  lightLinks: () => Promise.reject(new Error("a wrong epoch was asked for")),
  lightState: () => Promise.reject(new Error("wrong keys were asked for")),
  tasks: () => Promise.resolve([]),
  task: () => Promise.resolve(undefined),
  explainMatch: () => Promise.resolve(undefined),
  postTask: () => Promise.reject(new Error("a wrong task was posted")),
  operate: () => Promise.reject(new Error("a wrong operation was ordered")),
  output: () => Promise.reject(new Error("not asked for")),
  records: () => Promise.resolve(undefined),
  proof: () => Promise.reject(new Error("not asked for")),
  putBlob: () => Promise.resolve(ZERO_HASH),
  blob: () => Promise.resolve(undefined),
};

async function withNode(test: (folder: string, api: ApiServer) => Promise<void>): Promise<void> {
  await inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/.assay`);
    const api = await serveApi(backend, `${folder}/.assay`);
    try {
      await test(folder, api);
    } finally {
      await api.close();
    }
  });
}

/** What a command line must answer: exit status, and the beginning of the one sentence. */
interface Wrong {
  readonly words: string;
  readonly code: 1 | 2;
  readonly says: RegExp;
}

/** Runs them a few at a time, as each is a process. Sentences must not come with a stack. */
async function allWrong(folder: string, cases: readonly Wrong[]): Promise<void> {
  const waiting = [...cases];
  const worker = async () => {
    for (let wrong = waiting.shift(); wrong !== undefined; wrong = waiting.shift()) {
      const { words, code, says } = wrong;
      const finished = await assay(folder, ...words.split(" ").filter((word) => word !== ""));
      assertMatch(finished.error, says, words);
      assertEquals([finished.code, finished.out], [code, ""], words);
      assert(!/^\s+at /m.test(finished.error), `a stack for: ${words}`);
      if (code === 1) assertEquals(finished.error.trim().split("\n").length, 1, `one line for: ${words}`);
    }
  };
  await Promise.all([worker(), worker(), worker()]);
}

Deno.test("a command line that says nothing sensible is answered with the usage and status 2", async () => {
  await withNode((folder) =>
    allWrong(folder, [
      { words: "", code: 2, says: /assay: an open network/ },
      { words: "frobnicate", code: 2, says: /^There is no command "frobnicate"\.\n\n/ },
      {
        words: "task frobnicate",
        code: 2,
        says: /^"task frobnicate" is no command\. There are:\n\n {2}task post JOB/,
      },
      { words: "status --colour", code: 2, says: /^There is no option --colour\.\n\nassay status/ },
      { words: "task post", code: 2, says: /^Missing: JOB\./ },
      { words: "status now", code: 2, says: /^Too much: now\./ },
      { words: "transfer someone 1 --home", code: 2, says: /^--home needs a value\./ },
      { words: `transfer ${ADDRESS} much`, code: 2, says: /^An amount is a number of AIGENSYN/ },
      { words: "node --role king", code: 2, says: /^There is no role "king": a node can be validator, / },
      { words: "node --listen here", code: 2, says: /^--listen takes HOST:PORT/ },
      { words: "node --api-port 99999", code: 2, says: /^--api-port takes a port/ },
    ])
  );
});

Deno.test("help is no failure", async () => {
  await inFolder(async (folder) => {
    const [all, one] = await Promise.all([assay(folder, "--help"), assay(folder, "task", "post", "--help")]);
    assertEquals([all.code, all.error, one.code, one.error], [0, "", 0, ""]);
    assertMatch(all.out, /task fetch ID/);
    assertMatch(one.out, /^assay task post JOB\n/);
  });
});

function modelOf(operator: string): Uint8Array {
  const builder = new GraphBuilder({ name: "test" });
  const x = builder.input("x", "float32", [2, 3]);
  builder.output(builder.add("Relu", [x], {}, "y"));
  const graph = builder.finish();
  return buildModel({ ...graph, nodes: graph.nodes.map((node) => ({ ...node, operator })) });
}

async function writeJobs(folder: string): Promise<void> {
  const write = (name: string, content: Uint8Array | string) =>
    typeof content === "string"
      ? Deno.writeTextFile(`${folder}/${name}`, content)
      : Deno.writeFile(`${folder}/${name}`, content);
  const rows = (...shape: number[]): Tensor => zeros({ dtype: "float32", shape });
  const job = (model: string, data: string, more = "") =>
    `kind: infer\nmodel: ${model}\ndata: { x: ${data} }\ninputs: { x: x }\nbatch: 2\n${more}`;
  await write("good.onnx", modelOf("Relu"));
  await write("unknown.onnx", modelOf("Frobnicate"));
  await write("broken.onnx", modelOf("Relu").subarray(0, 20));
  await write("x.safetensors", writeSafetensors({ x: rows(4, 3) }));
  await write("wide.safetensors", writeSafetensors({ x: rows(4, 5) }));
  await write("two.safetensors", writeSafetensors({ p: rows(4, 3), q: rows(4, 3) }));
  await write("cut.safetensors", writeSafetensors({ x: rows(4, 3) }).subarray(0, 60));
  await write("field.yaml", job("good.onnx", "x.safetensors", "bacth: 3\n"));
  await write("batch.yaml", job("good.onnx", "x.safetensors").replace("batch: 2", "batch: many"));
  await write("yaml.yaml", "kind: [");
  await write("model.yaml", job("broken.onnx", "x.safetensors"));
  await write("nomodel.yaml", job("absent.onnx", "x.safetensors"));
  await write("operator.yaml", job("unknown.onnx", "x.safetensors"));
  await write("shape.yaml", job("good.onnx", "wide.safetensors"));
  await write("which.yaml", job("good.onnx", "two.safetensors"));
  await write("cut.yaml", job("good.onnx", "cut.safetensors"));
  await write("kind.yaml", job("good.onnx", "x.csv"));
  await write("engine.yaml", job("good.onnx", "x.safetensors", "engine: abacus\n"));
  await write("dear.yaml", job("good.onnx", "x.safetensors", "reward: 5000\n"));
  await write("free.yaml", job("good.onnx", "x.safetensors", "reward: much\n"));
}

Deno.test("a job that cannot be posted is refused with a sentence that names the file and what is wrong", async () => {
  await withNode(async (folder) => {
    await writeJobs(folder);
    await allWrong(folder, [
      { words: "task post absent.yaml", code: 1, says: /^There is no job file absent\.yaml\.$/m },
      { words: "task post yaml.yaml", code: 1, says: /^yaml\.yaml: The job file is neither YAML nor JSON/ },
      {
        words: "task post field.yaml",
        code: 1,
        says: /^field\.yaml: The field "bacth" of the job is unknown/,
      },
      {
        words: "task post batch.yaml",
        code: 1,
        says: /^batch\.yaml: The field "batch" .* an integer .*: got "many"/,
      },
      {
        words: "task post free.yaml",
        code: 1,
        says: /^free\.yaml: The field "reward" of the job must be an amount/,
      },
      { words: "task post nomodel.yaml", code: 1, says: /^There is no model absent\.onnx\.$/m },
      { words: "task post model.yaml", code: 1, says: /^broken\.onnx: / },
      { words: "task post operator.yaml", code: 1, says: /^operator\.yaml: .*Frobnicate/ },
      {
        words: "task post shape.yaml",
        code: 1,
        says: /^shape\.yaml: .*takes float32 \[2,3\].*float32 \[2,5\]/,
      },
      {
        words: "task post which.yaml",
        code: 1,
        says: /^two\.safetensors has no tensor "x" .*: it has p, q\.$/m,
      },
      {
        words: "task post cut.yaml",
        code: 1,
        says: /^cut\.safetensors: The safetensors file cannot be used/,
      },
      { words: "task post kind.yaml", code: 1, says: /^x\.csv: data comes in \.safetensors or \.npy files/ },
      { words: "task post engine.yaml", code: 1, says: /^There is no engine "abacus"/ },
      {
        words: "task post dear.yaml",
        code: 1,
        says: /^The reward of 5,000 AIGENSYN and the fee exceed the balance of 1,000/,
      },
    ]);
  });
});

Deno.test("a node that is not there, or has not what is asked for, is told of with a sentence", async () => {
  await withNode(async (folder, api) => {
    await Deno.mkdir(`${folder}/gone`);
    await Deno.writeTextFile(
      `${folder}/gone/api.json`,
      JSON.stringify({ url: "http://127.0.0.1:1", token: "x" }),
    );
    await Deno.mkdir(`${folder}/stranger`);
    await Deno.writeTextFile(`${folder}/stranger/api.json`, JSON.stringify({ url: api.url, token: "wrong" }));
    await Deno.mkdir(`${folder}/torn`);
    await Deno.writeTextFile(`${folder}/torn/api.json`, '{"url":');
    await Deno.writeTextFile(`${folder}/bad.json`, "{}");
    await allWrong(folder, [
      { words: "status --home nowhere", code: 1, says: /^No node runs with the home nowhere\. Start one/ },
      { words: "status --home torn", code: 1, says: /^No node runs with the home torn\./ },
      { words: "status --home gone", code: 1, says: /^No node answers at http:\/\/127\.0\.0\.1:1 / },
      {
        words: "status --home stranger",
        code: 1,
        says: /^Send the token of the node's api\.json as a Bearer token\./,
      },
      { words: `task show ${"0".repeat(64)}`, code: 1, says: /^There is no such task\.$/m },
      { words: "task show 12", code: 1, says: /^No task's id starts with "12"/ },
      { words: "account 12", code: 1, says: /^An address / },
      { words: "key show --home nowhere", code: 1, says: /^There is no key at nowhere\/key\.json/ },
      {
        words: "node --home b1 --genesis absent.json",
        code: 1,
        says: /^There is no genesis file absent\.json/,
      },
      { words: "node --home b2 --genesis bad.json", code: 1, says: /^Genesis field / },
      { words: "node --home b3 --role validator", code: 2, says: /^The home b3 has no genesis yet/ },
      { words: "devnet absent.ts", code: 1, says: /^The script absent\.ts cannot be loaded/ },
    ]);
  });
});

Deno.test("the HTTP API answers what is wrong with a fitting status, a code and a sentence", async () => {
  await withNode(async (_, { url, token }) => {
    const ask = async (method: string, path: string, body?: string, bearer = token) => {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: { authorization: `Bearer ${bearer}` },
        ...(body === undefined ? {} : { body }),
      });
      const { error } = await response.json();
      return [response.status, error?.code, error?.message];
    };
    const order = {
      title: "t",
      manifest: "00".repeat(32),
      reward: "1",
      collateral: "1",
      gain: "0",
      auditSegments: 0,
      memoryMiB: 1,
      thresholdPpm: null,
    };
    const cases: [string[], number, string, RegExp][] = [
      [["GET", "/v1/status", "", ""], 401, "unauthorized", /Bearer token/],
      [["GET", "/v1/status", "", token.slice(0, -1) + "x"], 401, "unauthorized", /Bearer token/],
      [["GET", "/v1/nothing"], 404, "not_found", /There is no \/v1\/nothing/],
      [["DELETE", "/v1/tasks"], 405, "not_found", /does not take DELETE/],
      [["GET", "/v1/light/links?from=-1"], 400, "usage", /from= names an epoch: got "-1"/],
      [["GET", "/v1/light/state?key=xy"], 400, "usage", /At most 32 keys, each of 1 to 256 bytes/],
      [["GET", `/v1/light/state?${"key=00&".repeat(33)}`], 400, "usage", /At most 32 keys/],
      [["GET", "/v1/tasks/12"], 400, "usage", /An id has 64 hexadecimal digits: got "12"/],
      [["GET", `/v1/tasks/${"00".repeat(32)}/match`], 404, "not_found", /There is no such task/],
      [["GET", `/v1/blobs/${"00".repeat(32)}`], 404, "not_found", /There is no such blob/],
      [["POST", "/v1/tasks", "{"], 400, "usage", /The body is not JSON/],
      [["POST", "/v1/tasks", "x".repeat(70_000)], 413, "too_large", /longer than the 65536 bytes/],
      [
        ["POST", "/v1/tasks", JSON.stringify(order)],
        400,
        "usage",
        /"computeBlocks" of a task must be .*: got nothing/,
      ],
      [
        ["POST", "/v1/tasks", JSON.stringify({ ...order, reward: 1 })],
        400,
        "usage",
        /"reward" .* must be text: got 1/,
      ],
      [
        ["POST", "/v1/operations", '{"kind":"mint"}'],
        400,
        "usage",
        /"kind" of an operation must be transfer/,
      ],
      [
        ["POST", "/v1/operations", `{"kind":"transfer","to":"${ADDRESS}","amount":"${2n ** 64n}"}`],
        400,
        "usage",
        /"amount" of an operation must be an amount/,
      ],
    ];
    for (const [[method = "", path = "", body, bearer], status, code, says] of cases) {
      const [seenStatus, seenCode, message] = await ask(method, path, body || undefined, bearer);
      assertEquals([seenStatus, seenCode], [status, code], `${method} ${path}: ${message}`);
      assertMatch(message, says);
    }
  });
});
