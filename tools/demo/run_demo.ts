/**
 * The demo: two tasks on a fresh network, one of whose providers cheats. It is a script of a test network like any other
 * (see `../testnet/`), and ends with a report of what happened, held against what was promised.
 *
 * @module
 */
import { ActorError } from "../../actors/mod.ts";
import { blobSource, type BuiltProgram, openProgram } from "../../executor/mod.ts";
import type { Dispute, Task } from "../../ledger/mod.ts";
import { bytesToHex, equalBytes, type Hash } from "../../ledger/primitives/mod.ts";
import { formatAmount, ONE_TOKEN } from "../terminal/amounts.ts";
import { genesisHoldings, type Holdings, readHoldings } from "../testnet/holdings.ts";
import { postProgram, type TaskTerms } from "../testnet/post_program.ts";
import type { Testnet } from "../testnet/testnet.ts";
import type { TestnetSpec } from "../testnet/testnet_spec.ts";
import {
  ACCURACY_THRESHOLD,
  INFERENCE,
  inferenceProgram,
  TRAINING,
  trainingProgram,
} from "./demo_programs.ts";
import type { Narrator } from "../terminal/narrator.ts";
import { brokenPromises, type DemoReport, type DisputeReport, type TaskReport } from "./report.ts";
import { tellStory } from "./story.ts";

/** The member that cheats: it asks the least, so it gets the first task. */
export const CHEATER = "provider-1";

/** After this step of the training the cheater goes on with other weights (tensor 0 of the state: the first convolution's). */
const LIE = { phase: 0, step: 107, tensor: 0 } as const;

/** The cast. */
export const DEMO_NETWORK: TestnetSpec = {
  validators: 4,
  markets: 1,
  providers: [
    { policy: { minReward: 0n, slots: 1 }, fault: LIE },
    { policy: { minReward: ONE_TOKEN } },
    { policy: { minReward: ONE_TOKEN } },
  ],
  challengers: 2,
  arbiters: 3,
  requesters: 1,
  // On top of it challengers have twice the time that the provider took.
  params: { challengeBlocks: 20 },
  timing: { blockIntervalMs: 300 },
};

const TRAINING_TERMS: TaskTerms = {
  title: "train a digit classifier",
  reward: 50n * ONE_TOKEN,
  collateral: 120n * ONE_TOKEN,
  gain: 50n * ONE_TOKEN,
  auditSegments: 0,
  memoryMiB: 512,
  thresholdPpm: ACCURACY_THRESHOLD * 1_000_000,
  computeBlocks: 400,
};

const INFERENCE_TERMS: TaskTerms = {
  ...TRAINING_TERMS,
  title: `read ${INFERENCE.digits} digits`,
  reward: 10n * ONE_TOKEN,
  collateral: 30n * ONE_TOKEN,
  thresholdPpm: null,
};

/** The whole demo may take this long before it is given up; it takes a third on two free cores. */
export const DEMO_LIMIT_MS = 270_000;

/** How often the ledger is asked whether the tasks are over. */
const POLL_MS = 250;

const FINAL: ReadonlySet<Task["status"]> = new Set(["done", "failed", "cancelled"]);

interface PostedTask {
  readonly kind: TaskReport["kind"];
  readonly id: Hash;
  /** Operator and name of each graph node, by phase. */
  readonly nodes: readonly (readonly string[])[];
}

/** Operator and name of the nodes of a built program. */
function nodeLabels(built: BuiltProgram): PostedTask["nodes"] {
  const { phases } = openProgram(built.manifest, blobSource(built.blobs));
  return phases.map(({ graph }) => graph.nodes.map(({ operator, name }) => `${operator} ${name}`));
}

/** Asks again when nobody answered in time: on a loaded machine a validator may be slow, and the demo has its own limit. */
async function patiently<T>(signal: AbortSignal, ask: () => Promise<T>): Promise<T> {
  while (true) {
    signal.throwIfAborted();
    try {
      return await ask();
    } catch (thrown) {
      if (!(thrown instanceof ActorError && thrown.code === "timed_out")) throw thrown;
    }
  }
}

async function untilOver(net: Testnet, ids: readonly Hash[], signal: AbortSignal): Promise<readonly Task[]> {
  while (true) {
    const tasks = await patiently(
      signal,
      () => Promise.all(ids.map((id) => net.query("task", id, { signal }))),
    );
    const over = tasks.flatMap((task) => task !== undefined && FINAL.has(task.status) ? [task] : []);
    if (over.length === ids.length) return over;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    signal.throwIfAborted();
  }
}

function taskReport(net: Testnet, { kind }: PostedTask, task: Task): TaskReport {
  const { metric } = task.program, value = task.result?.metric ?? null;
  return {
    id: bytesToHex(task.id),
    kind,
    status: task.status,
    metric: metric?.name ?? null,
    value: metric === null || value === null ? null : Number(value) / metric.total,
    provider: task.status === "done" && task.provider !== null ? net.nameOf(task.provider) : null,
  };
}

function disputeReport(net: Testnet, posted: readonly PostedTask[], dispute: Dispute): DisputeReport {
  const { outcome, rounds } = dispute;
  const task = posted.find(({ id }) => equalBytes(id, dispute.task));
  const node = outcome?.tree === "nodes" && outcome.node !== null && outcome.phase !== null
    ? task?.nodes[outcome.phase]?.[outcome.node] ?? null
    : null;
  return {
    guilty: outcome?.guilty === null || outcome === null ? null : net.nameOf(dispute[outcome.guilty]),
    rounds,
    step: outcome?.step ?? null,
    node,
    chunk: outcome?.chunk ?? null,
    element: outcome?.element ?? null,
    block: outcome?.block ?? null,
    slashed: (outcome?.forfeited ?? 0n).toString(),
  };
}

function report(
  before: Holdings,
  after: Holdings,
  tasks: readonly TaskReport[],
  disputes: readonly DisputeReport[],
  seconds: number,
): DemoReport {
  const { genesis, issued, burned } = after.supply;
  const held = after.accounts.reduce((sum, { balance, staked }) => sum + balance + staked, 0n);
  const facts = {
    tasks,
    disputes,
    supply: {
      locked: after.locked.toString(),
      genesis: genesis.toString(),
      issued: issued.toString(),
      burned: burned.toString(),
      now: (held + after.locked).toString(),
    },
    accounts: after.accounts.map(({ name, role, balance, staked }, i) => {
      const start = before.accounts[i];
      return {
        name,
        role,
        before: ((start?.balance ?? 0n) + (start?.staked ?? 0n)).toString(),
        after: (balance + staked).toString(),
      };
    }),
  };
  const broken = brokenPromises(facts, { cheater: CHEATER, threshold: ACCURACY_THRESHOLD });
  return { ok: broken.length === 0, broken, seconds, ...facts };
}

/** What the demo ends with. */
export interface DemoOutcome {
  readonly report: DemoReport;
  readonly before: Holdings;
  readonly after: Holdings;
}

/**
 * Plays the demo on a network started from {@link DEMO_NETWORK}.
 *
 * @param began `performance.now()` when the demo was started, for the report's seconds.
 * @throws what the network throws, and the signal's reason.
 */
export async function runDemo(
  net: Testnet,
  narrator: Narrator,
  began: number,
  signal: AbortSignal,
): Promise<DemoOutcome> {
  const titles = new Map<string, string>();
  const stop = tellStory(net, narrator, titles);
  try {
    const requester = net.node("requester-1");
    const { name, kernelHash } = await requester.executor.engine({ signal });
    const programs = [
      { kind: "train", built: trainingProgram({ name, kernelHash }), terms: TRAINING_TERMS },
      { kind: "infer", built: inferenceProgram({ name, kernelHash }), terms: INFERENCE_TERMS },
    ] as const;
    narrator.heading(
      `requester-1 posts two tasks: a CNN to be trained for ${TRAINING.steps} steps, and one to be run`,
    );
    const posted: PostedTask[] = [];
    for (const { kind, built, terms } of programs) {
      const id = await postProgram(requester, built, terms);
      titles.set(bytesToHex(id), terms.title);
      narrator.say(
        `"${terms.title}" stands on the ledger, ${formatAmount(terms.reward)} AIGENSYN in escrow.`,
      );
      posted.push({ kind, id, nodes: nodeLabels(built) });
    }
    const tasks = await untilOver(net, posted.map(({ id }) => id), signal);
    const disputes = (await patiently(
      signal,
      () => Promise.all(posted.map(({ id }) => net.query("disputesOfTask", id, { signal }))),
    ))
      .flat();
    const after = await patiently(signal, () => readHoldings(net, { signal }));
    const before = genesisHoldings(net);
    const seconds = (performance.now() - began) / 1000;
    const taskReports = posted.flatMap((entry, i) =>
      tasks[i] === undefined ? [] : [taskReport(net, entry, tasks[i])]
    );
    const disputeReports = disputes.map((dispute) => disputeReport(net, posted, dispute));
    return { report: report(before, after, taskReports, disputeReports, seconds), before, after };
  } finally {
    narrator.rest();
    stop();
  }
}
