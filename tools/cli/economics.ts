/**
 * `assay economics`: why nobody gains by cheating, under the parameters of a chain and for one task.
 *
 * @module
 */
import {
  conditionsOf,
  exampleOf,
  expectedGain,
  inPpm,
  isDeterred,
  strategies,
} from "../../ledger/economics/mod.ts";
import { devParams, type Params } from "../../ledger/mod.ts";
import { readGenesisFile } from "../node/home_genesis.ts";
import { formatAmount, ONE_TOKEN, parseAmount } from "../terminal/amounts.ts";
import { textTable } from "../terminal/table.ts";
import type { Command } from "./command.ts";

function strategyRows(circumstances: ReturnType<typeof exampleOf>) {
  return strategies.map((strategy) => {
    const wager = strategy.wager(circumstances);
    return {
      strategy,
      caughtPpm: inPpm(wager.caught),
      expected: expectedGain(wager),
      deterred: isDeterred(wager),
    };
  });
}

function tell(params: Params, reward: bigint): void {
  console.log("What the parameters must satisfy:");
  for (const { says, holds } of conditionsOf(params)) {
    console.log(`  ${holds ? "holds " : "BROKEN"}  ${says}`);
  }
  const example = exampleOf(params, reward);
  const { segments, sampled, collateral, gain, auditors, colludingPpm, slots } = example;
  console.log(
    `\nA task that pays ${formatAmount(reward)}: ${sampled} of ${segments} segments sampled, ${
      formatAmount(collateral)
    } of collateral, a lie worth ${formatAmount(gain)}, ${auditors} auditors with ${
      colludingPpm / 10_000
    } % of the stake colluding, ${slots} slots held before the draw.\n`,
  );
  const columns = [
    { heading: "strategy" },
    { heading: "caught", align: "right" as const },
    { heading: "brings on average", align: "right" as const },
    { heading: "deterred" },
    { heading: "condition" },
  ];
  const rows = strategyRows(example).map(({ strategy, caughtPpm, expected, deterred }) => [
    strategy.name,
    `${(caughtPpm / 10_000).toFixed(2)} %`,
    formatAmount(expected),
    deterred ? "yes" : "NO",
    strategy.condition,
  ]);
  for (const line of textTable(columns, rows)) console.log(line);
}

/** See the module. */
export const economicsCommand: Command = {
  name: "economics",
  summary:
    "Shows, under a chain's parameters, with what chance each way to cheat is caught and what it brings.",
  positional: [],
  options: {
    genesis: {
      kind: "text",
      value: "FILE",
      description: "the chain; by default a test network's parameters",
    },
    reward: { kind: "text", value: "AMOUNT", description: "what the task pays (default 20)" },
    json: { kind: "flag", description: "print one JSON object" },
  },
  async run(args) {
    const file = args.text("genesis"), text = args.text("reward");
    const params = file === undefined ? devParams() : (await readGenesisFile(file)).params;
    const reward = text === undefined ? 20n * ONE_TOKEN : parseAmount(text);
    const conditions = conditionsOf(params);
    if (!args.flag("json")) tell(params, reward);
    else {
      const rows = strategyRows(exampleOf(params, reward)).map(({ strategy, expected, ...row }) => {
        const { name, chance, condition, assumes } = strategy;
        return { name, chance, condition, assumes, ...row, expected: expected.toString() };
      });
      const said = conditions.map(({ says, left, right, holds }) => ({
        says,
        left: `${left}`,
        right: `${right}`,
        holds,
      }));
      console.log(JSON.stringify({ conditions: said, strategies: rows }, null, 2));
    }
    return conditions.every(({ holds }) => holds) ? 0 : 1;
  },
};
