/**
 * One strategy, played once on a ground, and judged.
 *
 * @module
 */
import type { BuiltProgram } from "../../../executor/mod.ts";
import type { ProgramEngine } from "../../../executor/mod.ts";
import { formatAmount } from "../../terminal/amounts.ts";
import { type Audit, audit } from "../market/auditor.ts";
import type { Ground } from "../market/ground.ts";
import { awaitEnd, awaitOffers, post, requireAgreement, type Terms } from "../market/play.ts";
import { actorOf, type Listener, openStage, type Stage } from "../market/stage.ts";
import { PromiseBroken } from "../watcher.ts";
import { type Books, drawUpBooks } from "./books.ts";
import type { Changes, Expected, Plan, PlannedJob } from "./cheat.ts";
import { COLLATERAL, FIRST, REQUESTER, REWARD, SECOND } from "./company.ts";
import { buildJob } from "./training_job.ts";

/** Every task ends within this time: all its attempts, each disputed to the last window. */
const LIMIT_MS = 1_800_000;

/** What a play came to. */
export interface CheatRun {
  readonly audit: Audit;
  readonly books: Books;
  readonly expected: Expected;
  /** What the guilty lost together, fees aside. */
  readonly slashed: bigint;
}

const TERMS: Terms = {
  title: "a small classifier",
  reward: REWARD,
  gain: 0n,
  auditSegments: 0,
  collateral: COLLATERAL,
  memoryMiB: 1,
  thresholdPpm: null,
  computeBlocks: 60,
};

/** What the requester hands out: the job, or what is wrong with it. */
function handedOut({ plan, flaw }: PlannedJob, engine: ProgramEngine): BuiltProgram {
  const job = buildJob(plan, engine);
  if (flaw !== "files of another program") return job;
  const other = buildJob({ ...plan, dataSeed: plan.dataSeed + 1 }, engine);
  return { ...other, program: job.program };
}

async function postAll({ stage, ground, plan }: Show): Promise<void> {
  const requester = actorOf(stage, REQUESTER);
  for (const [i, job] of plan.jobs.entries()) {
    const terms = {
      ...TERMS,
      title: plan.jobs.length === 1 ? TERMS.title : `${TERMS.title}, ${i + 1}`,
      computeBlocks: job.computeBlocks ?? TERMS.computeBlocks,
    };
    const built = handedOut(job, stage.engine);
    if (job.flaw !== "files withheld") await post(ground, requester, built, terms);
    else {
      const { program, manifestId: manifest } = built;
      const call = { signal: new AbortController().signal };
      const posted = requester.node.ledger.submit({ kind: "post_task", ...terms, program, manifest }, call);
      await ground.during("a task is posted", 60_000, posted);
    }
  }
}

interface Show {
  readonly stage: Stage;
  readonly ground: Ground;
  readonly plan: Plan;
}

function show(value: unknown): string {
  return JSON.stringify(value, (_, item) => typeof item === "bigint" ? formatAmount(item) : item);
}

function requireSame(invariant: string, what: string, found: unknown, expected: unknown): void {
  if (show(found) === show(expected)) return;
  throw new PromiseBroken(invariant, `${what}: ${show(found)}, not ${show(expected)}`);
}

function sorted(changes: Changes): readonly (readonly [string, bigint])[] {
  return Object.entries(changes).filter(([, amount]) => amount !== 0n).toSorted(([a], [b]) => a < b ? -1 : 1);
}

/** Who is paid for each task, by name. */
function paidFor({ tasks }: Audit, { stage }: Show): readonly (string | null)[] {
  const names = new Map([...stage.actors].map(([name, { node }]) => [String(node.address), name]));
  return tasks.toSorted((a, b) => Number(a.number - b.number)).map(({ status, result }) =>
    status === "done" && result !== null ? names.get(String(result.provider)) ?? "a stranger" : null
  );
}

function judge(show: Show, report: Audit, books: Books, expected: Expected): void {
  requireSame("tasks", "paid for the tasks", paidFor(report, show), expected.paid);
  const outcomes = books.disputes.map((outcome) =>
    outcome === null ? null : { guilty: outcome.guilty, reason: outcome.reason }
  );
  requireSame("disputes", "disputes", outcomes, expected.disputes);
  for (const [name, change] of Object.entries(books.changes)) {
    const done = expected.paid.filter((paid) => paid !== null).length;
    const spent = name === REQUESTER ? REWARD * BigInt(done) + (expected.auditPay ?? 0n) : 0n;
    if (change < -spent && !show.plan.guilty.includes(name)) {
      throw new PromiseBroken("honest stake", `${name} is honest and lost ${formatAmount(-change)}`);
    }
  }
  requireSame("money", "gains and losses", sorted(books.changes), sorted(expected.changes));
}

async function play(scene: Show): Promise<CheatRun> {
  const { stage, ground, plan } = scene;
  const requester = actorOf(stage, REQUESTER);
  await awaitOffers(ground, requester, [FIRST, SECOND].length);
  await postAll(scene);
  await awaitEnd(ground, requester, plan.jobs.length, LIMIT_MS);
  const report = audit(stage.genesis, requester.store);
  requireAgreement(stage, report);
  const books = drawUpBooks(report, plan.players, ground);
  const expected = plan.expected(stage.genesis.params);
  judge(scene, report, books, expected);
  const losses = plan.guilty.map((name) => -(books.changes[name] ?? 0n));
  return { audit: report, books, expected, slashed: losses.reduce((sum, loss) => sum + loss, 0n) };
}

/**
 * Plays a plan.
 *
 * @throws {PromiseBroken} what did not happen as it must.
 */
export async function runCheat(plan: Plan, ground: Ground, listen: Listener): Promise<CheatRun> {
  const stage = await openStage(plan.players, ground, listen, plan.rules, plan.device);
  try {
    return await play({ stage, ground, plan });
  } finally {
    await stage.close();
  }
}
