/**
 * What is asked of the network for a job besides the computation, and what it pays, where the job does not say.
 *
 * @module
 */
import type { BuiltProgram, Job } from "../../executor/mod.ts";
import { ToolError } from "../errors.ts";
import { ONE_TOKEN, parseAmount } from "../terminal/amounts.ts";
import type { Arguments, OptionSpec } from "./command.ts";

/** Terms of a task, as the API takes them: amounts in the smallest unit. */
export interface Terms {
  readonly title: string;
  readonly reward: bigint;
  readonly collateral: bigint;
  readonly gain: bigint;
  readonly auditSegments: number;
  readonly memoryMiB: number;
  readonly thresholdPpm: number | null;
  readonly computeBlocks: number;
}

/** Options that set terms. */
export const TERM_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  title: { kind: "text", value: "TEXT", description: "what the task is called (default: the job's note)" },
  reward: {
    kind: "text",
    value: "AMOUNT",
    description: "paid in AIGENSYN (default: the job's reward, or 10)",
  },
  collateral: {
    kind: "text",
    value: "AMOUNT",
    description: "stake the provider must lock (default: twice the reward)",
  },
  gain: {
    kind: "text",
    value: "AMOUNT",
    description:
      "what a false result would be worth to a cheat; more means more audits (default: the reward)",
  },
  "audit-segments": {
    kind: "text",
    value: "N",
    description: "least number of segments that auditors check (default: what the network asks for)",
  },
  "compute-blocks": {
    kind: "text",
    value: "N",
    description: "blocks for the computation (default 2400, ten minutes and more)",
  },
};

/** A reward that the providers of a test network take. */
const DEFAULT_REWARD = 10n * ONE_TOKEN;

/** Ten minutes at a quarter of a second for each block; a busy network's blocks are slower, and the window longer. */
const DEFAULT_COMPUTE_BLOCKS = 2400;

/** Of a slash up to half can come back to the culprit through another account: so twice the reward is more than it can win. */
const COLLATERAL_PER_REWARD = 2n;

/** Longest title on the ledger, in bytes. */
const MAX_TITLE_BYTES = 128;

/** What an engine takes before any tensor: its runtime and the program. */
const BASE_MEMORY_MIB = 256;

/** Copies of state and data that an executor holds at its worst: the run's, the engine's, gradients, a trace. */
const COPIES = 4;

function amountOf(text: string, what: string): bigint {
  try {
    return parseAmount(text);
  } catch (thrown) {
    if (!(thrown instanceof RangeError)) throw thrown;
    throw new ToolError("usage", `${what}: ${thrown.message}`);
  }
}

function memoryOf({ blobs }: BuiltProgram): number {
  const bytes = blobs.reduce((sum, blob) => sum + blob.bytes.length, 0);
  return BASE_MEMORY_MIB + Math.ceil(COPIES * bytes / 2 ** 20);
}

function titleOf(args: Arguments, job: Job): string {
  const title = args.text("title") ?? (job.note || `${job.kind} ${job.model}`);
  if (new TextEncoder().encode(title).length > MAX_TITLE_BYTES) {
    throw new ToolError(
      "usage",
      `A title has at most ${MAX_TITLE_BYTES} bytes: shorten the job's note, or give --title.`,
    );
  }
  return title;
}

/** The reward of a job, by the command line, the job or the default. Throws {@link ToolError} `usage`. */
export function rewardOf(args: Arguments, job: Job): bigint {
  const option = args.text("reward");
  if (option !== undefined) return amountOf(option, "--reward");
  return job.reward === undefined ? DEFAULT_REWARD : amountOf(job.reward, "The job's reward");
}

/** The terms of a job. Throws {@link ToolError} `usage`. */
export function termsOf(args: Arguments, job: Job, built: BuiltProgram): Terms {
  const reward = rewardOf(args, job);
  const collateral = args.text("collateral"), blocks = args.text("compute-blocks");
  if (blocks !== undefined && !/^[1-9]\d{0,6}$/.test(blocks)) {
    throw new ToolError(
      "usage",
      `--compute-blocks takes a whole number from 1 to 1,000,000: got "${blocks}".`,
    );
  }
  const segments = args.text("audit-segments"), gain = args.text("gain");
  if (segments !== undefined && !/^\d{1,2}$/.test(segments)) {
    throw new ToolError("usage", `--audit-segments takes a whole number from 0 to 64: got "${segments}".`);
  }
  const threshold = job.kind === "train" ? job.evaluation?.threshold ?? 0 : 0;
  return {
    title: titleOf(args, job),
    reward,
    collateral: collateral === undefined
      ? COLLATERAL_PER_REWARD * reward
      : amountOf(collateral, "--collateral"),
    gain: gain === undefined ? reward : amountOf(gain, "--gain"),
    auditSegments: segments === undefined ? 0 : Number(segments),
    memoryMiB: memoryOf(built),
    thresholdPpm: threshold > 0 ? Math.round(threshold * 1_000_000) : null,
    computeBlocks: blocks === undefined ? DEFAULT_COMPUTE_BLOCKS : Number(blocks),
  };
}
