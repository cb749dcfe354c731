/**
 * `assay demo`: the whole idea at work, on this machine, in about a minute.
 *
 * @module
 */
import { catalogue, demoOfCheat } from "./cheats/cheat_demo.ts";
import type { Command } from "../cli/command.ts";
import { ToolError } from "../errors.ts";
import { formatAmount } from "../terminal/amounts.ts";
import { placeText } from "../terminal/dispute_place.ts";
import { textTable } from "../terminal/table.ts";
import { withTestnet } from "../testnet/with_testnet.ts";
import { digitToText, drawDigits } from "./digits.ts";
import { type Narrator, silentNarrator } from "../terminal/narrator.ts";
import { terminalNarrator } from "../terminal/terminal_narrator.ts";
import type { DemoReport } from "./report.ts";
import { DEMO_LIMIT_MS, DEMO_NETWORK, type DemoOutcome, runDemo } from "./run_demo.ts";

/** A play of a cheat is given up after this time; most take half a minute on a free machine. */
const CHEAT_LIMIT_MS = 600_000;

/** Digits shown at the beginning: one line of a terminal. */
const SHOWN_DIGITS = [0, 1, 2, 3, 4];

function showDigits(narrator: Narrator): void {
  const { images } = drawDigits(SHOWN_DIGITS.length, 3);
  const drawn = SHOWN_DIGITS.map((index) => digitToText(images, index));
  for (const row of (drawn[0] ?? []).keys()) {
    narrator.show(drawn.map((lines) => lines[row]).join(" "));
  }
}

function showAccounts(narrator: Narrator, { before, after }: DemoOutcome): void {
  const columns = [
    { heading: "account" },
    ...["balance before", "after", "staked before", "after", "change"].map((heading) => ({
      heading,
      align: "right" as const,
    })),
  ];
  const rows = after.accounts.map(({ name, balance, staked }, i) => {
    const start = before.accounts[i] ?? { balance: 0n, staked: 0n };
    const change = balance + staked - start.balance - start.staked;
    const amounts = [start.balance, balance, start.staked, staked].map(shortAmount);
    return [name, ...amounts, `${change > 0n ? "+" : ""}${shortAmount(change)}`];
  });
  for (const line of textTable(columns, rows)) narrator.show(line);
}

/** An amount to the hundredth, rounded towards zero. */
function shortAmount(amount: bigint): string {
  const hundredth = 10_000_000n;
  return formatAmount(amount / hundredth * hundredth);
}

function showResult(narrator: Narrator, { tasks, disputes, supply, broken, seconds }: DemoReport): void {
  for (const { kind, metric, value, provider } of tasks) {
    const measured = metric === null || value === null ? "" : `, ${metric} ${(100 * value).toFixed(1)} %`;
    narrator.show(
      `${kind === "train" ? "training" : "inference"}: done by ${provider ?? "nobody"}${measured}`,
    );
  }
  for (const { guilty, rounds, slashed, ...reached } of disputes) {
    const place = placeText(reached);
    narrator.show(
      guilty === null
        ? `a second dispute, of ${place}, ended with the result: nobody loses anything by it`
        : `${guilty} guilty: after ${rounds} rounds, of ${place}; ` +
          `${formatAmount(BigInt(slashed))} AIGENSYN slashed`,
    );
  }
  const [genesis, issued, burned, now, locked] = [
    supply.genesis,
    supply.issued,
    supply.burned,
    supply.now,
    supply.locked,
  ]
    .map((amount) => shortAmount(BigInt(amount)));
  narrator.show(
    `supply: ${genesis} at genesis + ${issued} issued - ${burned} burned = ${now}, of which ${locked} are deposits`,
  );
  narrator.heading(
    broken.length === 0
      ? `Everything promised happened, in ${seconds.toFixed(0)} s.`
      : `Not everything promised happened: ${broken.join(" ")}`,
  );
}

/** Gives `play` a signal that also fires after `limitMs`, with a sentence. */
async function within<T>(
  limitMs: number,
  signal: AbortSignal,
  play: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  const sentence = `The demo was given up after ${
    limitMs / 1000
  } s. Try again when this machine has less to do.`;
  const timer = setTimeout(() => late.abort(new ToolError("failed", sentence)), limitMs);
  try {
    return await play(AbortSignal.any([signal, late.signal]));
  } finally {
    clearTimeout(timer);
  }
}

async function play(narrator: Narrator, signal: AbortSignal): Promise<DemoOutcome> {
  const began = performance.now();
  narrator.heading(
    "Strangers meet: 4 validators, a market, 3 providers, 2 challengers, 3 arbiters, a requester",
  );
  narrator.show(
    "Each is a node of its own, connected over WebRTC on this machine. They will work on digits like these:",
  );
  showDigits(narrator);
  const options = {
    name: "assay-demo",
    signal,
    onStarted: (started: number, total: number) =>
      narrator.progress("starting", started / total, `${started} of ${total} nodes`),
  };
  return await withTestnet(DEMO_NETWORK, options, async (net) => {
    narrator.rest();
    const outcome = await runDemo(net, narrator, began, signal);
    narrator.heading("What everybody had and has, in AIGENSYN");
    showAccounts(narrator, outcome);
    narrator.heading("The end");
    showResult(narrator, outcome.report);
    return outcome;
  });
}

async function runCheatDemo(name: string, json: boolean, signal: AbortSignal): Promise<number> {
  if (name === "list") {
    for (const line of json ? [JSON.stringify(catalogue(), null, 2)] : catalogue()) console.log(line);
    return 0;
  }
  const narrator = json ? silentNarrator : terminalNarrator();
  const report = await within(CHEAT_LIMIT_MS, signal, (limited) => demoOfCheat(name, narrator, limited));
  if (report === undefined) {
    throw new ToolError("not_found", `There is no cheat "${name}". Take one from: assay demo --cheat list.`);
  }
  if (json) console.log(JSON.stringify(report, null, 2));
  return report.ok ? 0 : 1;
}

/** See the module. */
export const demoCommand: Command = {
  name: "demo",
  summary:
    "Plays the whole idea on this machine: two tasks, a cheat, a dispute, everybody paid. About a minute.",
  positional: [],
  options: {
    cheat: {
      kind: "text",
      value: "NAME",
      description: "instead: one strategy of the catalogue of cheats, or list for their names",
    },
    json: { kind: "flag", description: "print one JSON object at the end instead of telling the story" },
  },
  async run(args, signal) {
    const json = args.flag("json"), cheat = args.text("cheat");
    if (cheat !== undefined) return await runCheatDemo(cheat, json, signal);
    const narrator = json ? silentNarrator : terminalNarrator();
    const { report } = await within(DEMO_LIMIT_MS, signal, (limited) => play(narrator, limited));
    if (json) console.log(JSON.stringify(report, null, 2));
    return report.ok ? 0 : 1;
  },
};
