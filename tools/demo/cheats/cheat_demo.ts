/**
 * `assay demo --cheat NAME`: one strategy of the catalogue of cheats, played over real connections, told in plain words, and held against
 * what the rules say must come of it.
 *
 * @module
 */
import { bytesToHex } from "../../../ledger/primitives/mod.ts";
import { DEFAULT_HOME } from "../../cli/connect.ts";
import {
  type Cheat,
  type CheatRun,
  cheats,
  findCheat,
  type Plan,
  runCheat,
} from "../../simulation/cheats/mod.ts";
import { makeDice } from "../../simulation/random.ts";
import { PromiseBroken } from "../../simulation/watcher.ts";
import { formatAmount } from "../../terminal/amounts.ts";
import type { Narrator } from "../../terminal/narrator.ts";
import { textTable } from "../../terminal/table.ts";
import type { TestnetListener } from "../../testnet/testnet.ts";
import { tellStory } from "../story.ts";
import { makeWebRtcGround } from "./webrtc_ground.ts";
import { makeWires, type Wires } from "./wires.ts";

/** What `--cheat NAME --json` prints. Amounts are text, in the smallest unit, because JSON numbers end at 2^53. */
export interface CheatReport {
  readonly ok: boolean;
  /** What did not happen as it must; none if all is well. */
  readonly broken: readonly string[];
  readonly seconds: number;
  readonly cheat: Pick<Cheat, "name" | "role" | "tries" | "ends">;
  /** Who cheated. */
  readonly guilty: readonly string[];
  /** Who was paid for each task; null for one that failed and was refunded. */
  readonly paid: readonly (string | null)[];
  readonly disputes: readonly { readonly guilty: string | null; readonly reason: string }[];
  /** What everybody gained or lost, fees and the income of validators aside. */
  readonly changes: Readonly<Record<string, string>>;
}

/** The member whose view of the ledger is told. */
const WITNESS = "requester";

/** Seed of the demonstration: another one would lie at another step. */
const SEED = 1;

/** The catalogue, a line for each strategy. */
export function catalogue(): readonly string[] {
  return textTable(
    [{ heading: "cheat" }, { heading: "by" }, { heading: "what it tries" }],
    cheats.map(({ name, role, tries }) => [name, role, tries]),
  );
}

function reportOf(
  cheat: Cheat,
  plan: Plan,
  run: CheatRun | undefined,
  broken: readonly string[],
  seconds: number,
): CheatReport {
  const { name, role, tries, ends } = cheat;
  const changes = Object.entries(run?.books.changes ?? {}).map(([who, amount]) => [who, amount.toString()]);
  return {
    ok: broken.length === 0,
    broken,
    seconds,
    cheat: { name, role, tries, ends },
    guilty: plan.guilty,
    paid: run?.expected.paid ?? [],
    disputes: (run?.books.disputes ?? []).map((outcome) => ({
      guilty: outcome?.guilty ?? null,
      reason: outcome?.reason ?? "open",
    })),
    changes: Object.fromEntries(changes),
  };
}

function tellEnd(
  narrator: Narrator,
  { ends }: Cheat,
  { guilty, changes, ok, broken, seconds }: CheatReport,
): void {
  narrator.heading("What everybody gained or lost, in AIGENSYN, fees and the income of validators aside");
  const rows = Object.entries(changes).map(([name, amount]) => {
    const change = BigInt(amount);
    return [name, `${change > 0n ? "+" : ""}${formatAmount(change)}`, guilty.includes(name) ? "cheated" : ""];
  });
  const columns = [{ heading: "account" }, { heading: "change", align: "right" as const }, { heading: "" }];
  for (const line of textTable(columns, rows)) narrator.show(line);
  narrator.heading(
    ok
      ? `It ended as it must, in ${seconds.toFixed(0)} s.`
      : `It did not end as it must: ${broken.join(" ")}`,
  );
  narrator.show(ends);
}

/** Names of a plan's players, and a place where listeners wait. */
function toldOf(plan: Plan, addressOf: (name: string) => Uint8Array) {
  const names = new Map(plan.players.map(({ name }) => [bytesToHex(addressOf(name)), name]));
  const listeners = new Set<TestnetListener>();
  return {
    listeners,
    nameOf: (address: Uint8Array) => names.get(bytesToHex(address)) ?? bytesToHex(address).slice(0, 8),
    listen(listener: TestnetListener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** Plays one strategy below a folder, and reports. */
async function play(
  cheat: Cheat,
  folder: string,
  wires: Wires,
  narrator: Narrator,
  signal: AbortSignal,
): Promise<CheatReport> {
  const began = performance.now();
  const plan = cheat.plan(makeDice(SEED));
  const ground = makeWebRtcGround(folder, wires, signal);
  const told = toldOf(plan, (name) => ground.signer(name).address);
  narrator.heading(`${cheat.tries} ${plan.detail === "" ? "" : `(${plan.detail})`}`);
  narrator.show(
    `${plan.guilty.join(" and ")} will not be honest; ${plan.players.length} nodes connect over WebRTC.`,
  );
  const titles = new Map<string, string>();
  const stop = tellStory(told, narrator, titles, WITNESS);
  let run: CheatRun | undefined;
  const broken: string[] = [];
  try {
    run = await runCheat(plan, ground, (name, event) => {
      const [, member = name, role = ""] = /^(.*) \((.*)\)$/.exec(name) ?? [];
      if (event.kind === "task_stage" && event.stage === "posted") {
        titles.set(event.task, event.detail ?? "a task");
      }
      for (const listener of told.listeners) listener(member, role, event);
    });
  } catch (thrown) {
    if (!(thrown instanceof PromiseBroken)) throw thrown;
    broken.push(`${thrown.invariant}: ${thrown.message}.`);
  } finally {
    narrator.rest();
    stop();
  }
  const report = reportOf(cheat, plan, run, broken, (performance.now() - began) / 1000);
  tellEnd(narrator, cheat, report);
  return report;
}

/**
 * Plays a strategy of the catalogue.
 *
 * @param wires Connections that it may take, and leaves. Default: its own.
 * @returns undefined if there is none of the name.
 */
export async function demoOfCheat(
  name: string,
  narrator: Narrator,
  signal: AbortSignal,
  wires?: Wires,
): Promise<CheatReport | undefined> {
  const cheat = findCheat(name);
  if (cheat === undefined) return undefined;
  const own = wires ?? makeWires(signal);
  await Deno.mkdir(DEFAULT_HOME, { recursive: true });
  const folder = await Deno.makeTempDir({ dir: DEFAULT_HOME, prefix: "cheat-" });
  try {
    return await play(cheat, folder, own, narrator, signal);
  } finally {
    if (wires === undefined) await own.close();
    await Deno.remove(folder, { recursive: true }).catch(() => {}); // somebody else has tidied up
  }
}
