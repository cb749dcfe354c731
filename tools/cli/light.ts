/**
 * `assay light`: follows the chain by its certificates from a checkpoint, and shows what is proven.
 *
 * @module
 */
import { readProven } from "../../ledger/light/mod.ts";
import { bytesToHex, decode, formatAddress, parseAddress } from "../../ledger/primitives/mod.ts";
import { Account, accounts } from "../../ledger/state/mod.ts";
import { formatAmount } from "../terminal/amounts.ts";
import type { Command } from "./command.ts";
import { HOME_OPTION } from "./connect.ts";
import { LIGHT_OPTIONS, startLight } from "./light_start.ts";
import { fieldLines } from "./show.ts";

/** See the module. */
export const lightCommand: Command = {
  name: "light",
  summary:
    "Follows the chain by certificates from a checkpoint that you trust, whatever the node says, and proves an account's balance.",
  positional: ["[ADDRESS]"],
  options: { ...HOME_OPTION, ...LIGHT_OPTIONS },
  async run(args) {
    const started = await startLight(args);
    const { height, block, present } = started.client;
    const lines: (readonly [string, string])[] = [
      ["final block", `${height} (${bytesToHex(block).slice(0, 16)})`],
      ["epoch", `${present.validators.epoch}, signed by its validators`],
    ];
    const [text] = args.positional;
    if (text !== undefined) {
      const address = parseAddress(text);
      const { client, values: [value] } = await readProven(
        started.client,
        started.source,
        [accounts.key(address)],
        started.nowMs,
      );
      const balance = value === undefined ? 0n : decode(Account, value).balance;
      lines.push(
        ["address", formatAddress(address)],
        ["balance", `${formatAmount(balance)} AIGENSYN, proven in the state after block ${client.height}`],
      );
    }
    console.log(fieldLines(lines).join("\n"));
    return 0;
  },
};
