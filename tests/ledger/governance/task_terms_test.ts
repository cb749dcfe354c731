import { assertEquals } from "@std/assert/equals.js";
import { disputes } from "../../../ledger/disputes/mod.ts";
import { accountOf, type Params, paramsInForce, taskOf, TaskStatus } from "../../../ledger/state/mod.ts";
import { addressOf, START, type TestChain, testChain } from "../chain/test_chain.ts";
import { postTask, publishOffer, submitAndOpen } from "../chain/test_task.ts";
import { approve, EPOCH, propose, VOTING } from "./governed_chain.ts";

const USUAL: Partial<Params> = {
  feePerByte: 0n,
  feePerWeight: 0n,
  blockReward: 0n,
  epochBlocks: EPOCH,
  unbondingBlocks: 8,
  openBlocks: 200,
  offerBlocks: 200,
};

/** A task that is open while the parameters of tasks and disputes change, then matched and submitted. */
function submittedAcrossChange(
  postedBefore: boolean,
): { readonly chain: TestChain; readonly task: Uint8Array } {
  const chain = testChain(USUAL);
  const before = postedBefore ? chain.accept("alice", postTask()) : undefined;
  approve(
    chain,
    chain.accept(
      "val1",
      propose(
        { name: "challengerBond", value: 7_000_000_000n },
        { name: "roundBlocks", value: 3n },
        { name: "challengeBlocks", value: 9n },
      ),
    ),
  );
  chain.advance(VOTING + 8 + EPOCH);
  assertEquals(paramsInForce.get(chain.state()).roundBlocks, 3);
  const task = before ?? chain.accept("alice", postTask());
  chain.accept("prov1", publishOffer());
  chain.accept("prov1", { kind: "accept_task", task });
  submitAndOpen(chain, "prov1", task);
  return { chain, task };
}

for (
  const { when, postedBefore, bond, round, window } of [
    { when: "before", postedBefore: true, bond: 10_000_000_000n, round: 40n, window: 40n },
    { when: "after", postedBefore: false, bond: 7_000_000_000n, round: 3n, window: 9n },
  ]
) {
  Deno.test(`a task posted ${when} a change of parameters is disputed by those of its posting`, () => {
    const { chain, task } = submittedAcrossChange(postedBefore);
    // The provider took one block, and a challenger gets two more for each.
    assertEquals(taskOf(chain.state(), task).deadline, chain.height() + window + 2n);
    const dispute = chain.accept("chal1", { kind: "open_dispute", task });
    assertEquals(disputes.get(chain.state(), dispute)?.bond, bond);
    assertEquals(accountOf(chain.state(), addressOf("chal1")).balance, START - bond);
    assertEquals(disputes.get(chain.state(), dispute)?.deadline, chain.height() + round);
    chain.advance(Number(round));
    const status: TaskStatus = taskOf(chain.state(), task).status;
    assertEquals(status, "open", "the provider was silent");
  });
}
