/**
 * A script for a test network: one member sends tokens to another, and both sides are looked at.
 *
 *     deno task devnet tools/testnet/examples/transfer.ts
 *
 * @module
 */
import { formatAmount, ONE_TOKEN } from "../../terminal/amounts.ts";
import type { TestnetScript } from "../mod.ts";

/** What is sent. */
const AMOUNT = 25n * ONE_TOKEN;

const script: TestnetScript = {
  // Four validators go on when one of them fails. The other two are accounts with money, and nodes that follow the chain.
  network: { validators: 4, requesters: 2 },

  async run(net, { signal, log }) {
    const alice = net.node("requester-1"), bob = net.node("requester-2");
    const balances = async () => {
      for (const { name, address } of [alice, bob]) {
        // Everybody sees the same ledger: asked here is the first validator, at its last final block.
        const { balance } = await net.query("account", address, { signal });
        log(`  ${name} has ${formatAmount(balance)} AIGENSYN`);
      }
    };

    log("Before:");
    await balances();

    // Signed with alice's key, sent to the validators, and awaited until it is final. Refusals are thrown, with a sentence.
    const { height, fee } = await alice.ledger.submit(
      { kind: "transfer", to: bob.address, amount: AMOUNT },
      { signal },
    );
    log(
      `${formatAmount(AMOUNT)} AIGENSYN sent: final in block ${height}, for a fee of ${formatAmount(fee)}.`,
    );

    // One validator less: the other three are a quorum, so the chain goes on.
    await net.node("validator-4").stop();
    await bob.ledger.submit({ kind: "transfer", to: alice.address, amount: ONE_TOKEN }, { signal });
    log("validator-4 is gone, and a transfer back is final all the same.");

    log("After:");
    await balances();
  },
};

export default script;
