/**
 * The scenario `market`: whole nodes with their actors. Jobs are posted, matched, computed, checked, disputed, judged and paid; one who
 * takes part may lie. In the end every task has ended, no honest stake was slashed, the liar paid, and no money came from nowhere.
 *
 * @module
 */
import { bytesToHex, createSha256, utf8 } from "../../ledger/primitives/mod.ts";
import { type Audit, audit } from "./market/auditor.ts";
import { type Cast, COLLATERAL, describeCast, drawCast, REWARD } from "./market/cast.ts";
import type { Ground } from "./market/ground.ts";
import { awaitEnd, awaitOffers, post, requireAgreement, sentence } from "./market/play.ts";
import { smallJob } from "./market/small_job.ts";
import { actorOf, openStage, type Stage } from "./market/stage.ts";
import { makeVirtualGround } from "./market/virtual_ground.ts";
import { makeVirtualTimers } from "./market/virtual_timers.ts";
import type { Mutation } from "./mutations/mod.ts";
import { type Dice, makeDice } from "./random.ts";
import type { Failure, RunResult } from "./run_result.ts";
import { makeSigningBook, type SigningBook } from "./signing_book.ts";
import { PromiseBroken } from "./watcher.ts";

/** A dispute to its last window, twice over. */
const LIMIT_MS = 900_000;

/** Lines of the trace that are kept. */
const KEPT_LINES = 120;

interface Show {
  readonly cast: Cast;
  readonly stage: Stage;
  readonly ground: Ground;
  readonly dice: Dice;
  readonly book: SigningBook;
}

function judge({ cast, book }: Show, { tasks, slashed }: Audit): void {
  const liars = cast.players.filter(({ liesAtStep }) => liesAtStep !== undefined);
  for (const { name, liesAtStep } of cast.players) {
    const isSlashed = slashed.has(bytesToHex(book.signer(name).address));
    if (isSlashed && liesAtStep === undefined) {
      throw new PromiseBroken("honest stake", `${name} lost stake and is honest`);
    }
    if (!isSlashed && liesAtStep !== undefined && name.startsWith("provider")) {
      throw new PromiseBroken("cheats caught", `${name} lied at step ${liesAtStep} and keeps its stake`);
    }
  }
  const cheats = new Set(liars.map(({ name }) => bytesToHex(book.signer(name).address)));
  for (const { number, status, result } of tasks) {
    if (status !== "done") {
      throw new PromiseBroken("market", `task ${number} ended as ${status}, with an honest provider at hand`);
    }
    if (result !== null && cheats.has(bytesToHex(result.provider))) {
      throw new PromiseBroken("cheats caught", `the lie about task ${number} was paid for`);
    }
  }
}

async function play(show: Show): Promise<Audit> {
  const { cast, stage, ground, dice } = show;
  const requester = actorOf(stage, "requester");
  await awaitOffers(
    ground,
    requester,
    cast.players.filter(({ stakes }) => stakes.includes("provider")).length,
  );
  for (let task = 0; task < cast.tasks; task++) {
    await post(ground, requester, smallJob(stage.engine, dice), {
      title: `job ${task}`,
      reward: REWARD,
      collateral: COLLATERAL,
      gain: 0n,
      auditSegments: 0,
      memoryMiB: 1,
      thresholdPpm: null,
      computeBlocks: 60,
    });
  }
  await awaitEnd(ground, requester, cast.tasks, LIMIT_MS);
  const report = audit(stage.genesis, requester.store);
  requireAgreement(stage, report);
  judge(show, report);
  return report;
}

/** Runs the scenario under one seed. Mutations are consensus'. */
export async function runMarket(seed: number, _mutation?: Mutation): Promise<RunResult> {
  const dice = makeDice(seed), book = makeSigningBook(), timers = makeVirtualTimers();
  const cast = drawCast(dice.fork());
  const lines: string[] = [];
  const hasher = createSha256();
  const ground = makeVirtualGround({ book, timers, dice: dice.fork(), farthestMs: cast.farthestMs });
  const stage = await openStage(cast.players, ground, (name, event) => {
    const said = sentence(event);
    if (said === undefined) return;
    const line = `${(timers.now() / 1000).toFixed(3)} s  ${name} ${said}`;
    hasher.update(utf8(line));
    lines.push(line);
  });
  let failure: Failure | undefined;
  let report: Audit | undefined;
  try {
    report = await play({ cast, stage, ground, dice, book });
  } catch (thrown) {
    if (!(thrown instanceof PromiseBroken)) throw thrown;
    failure = { invariant: thrown.invariant, message: thrown.message, trace: lines.slice(-KEPT_LINES) };
  } finally {
    await stage.close();
  }
  hasher.update(utf8(report?.head ?? ""));
  return {
    seed,
    description: describeCast(cast),
    failure,
    virtualMs: timers.now(),
    height: report?.height ?? 0n,
    digest: bytesToHex(hasher.digest()),
  };
}
