import { assertEquals } from "@std/assert/equals.js";
import { disputeView, isAskedOf } from "../../../ledger/disputes/mod.ts";
import { bytesToHex, ZERO_HASH } from "../../../ledger/primitives/mod.ts";
import { movesOf, type Players, present } from "./play.ts";
import { ARBITERS, CHALLENGER, PROVIDER, submittedRun } from "./toy_chain.ts";
import { runProgram, tensor } from "./toy_program.ts";

const honest = runProgram();
const wrong = runProgram({
  trace: (leaf, { phaseIndex, step }) =>
    phaseIndex === 0 && step === 4 && leaf.node === 1 ? { ...leaf, outputs: [tensor("wrong")] } : leaf,
});

Deno.test("a view tells at every turn who is asked what, and how far the dispute has come", () => {
  const players: Players = { provider: wrong, challenger: honest };
  const chain = submittedRun(wrong);
  assertEquals(disputeView(chain.state(), ZERO_HASH), undefined);
  chain.open();
  const seen: string[] = [];
  for (let kind = ""; kind !== "closed";) {
    const { dispute, turn, place, opened } = present(disputeView(chain.state(), chain.dispute().id));
    const asked = [PROVIDER, CHALLENGER, ...ARBITERS].filter((party) => isAskedOf(turn, dispute, party));
    const count = {
      provider: 1,
      challenger: 1,
      parties: 2,
      arbiters: 3,
      validators: 0,
      ledger: 0,
      nobody: 0,
    };
    assertEquals(asked.length, count[turn.by]);
    if (turn.by === "provider") assertEquals(asked, [PROVIDER]);
    if (turn.by === "challenger") assertEquals(asked, [CHALLENGER]);
    assertEquals(opened !== null, ["draw", "commit", "reveal", "verdict"].includes(turn.kind));
    const told = `${turn.kind} ${place.segment ?? "-"}/${place.step ?? "-"}/${place.node ?? "-"}`;
    if (seen.at(-1) !== told) seen.push(told);
    kind = turn.kind;
    chain.block(...movesOf(chain, players));
  }
  // Step 4 of the first phase lies in the second segment; its second node is wrong.
  assertEquals(seen, [
    "split -/-/-",
    "choose -/-/-",
    "bind_segment 1/-/-",
    "split 1/-/-",
    "choose 1/-/-",
    "bind_step 1/4/-",
    "choose_tree 1/4/-",
    "split 1/4/-",
    "choose 1/4/-",
    "open_node 1/4/1",
    "draw 1/4/1",
    "commit 1/4/1",
    "reveal 1/4/1",
    "verdict 1/4/1",
    "closed 1/4/1",
  ]);
  assertEquals(chain.dispute().rounds, 4);
});

Deno.test("every transition of a dispute is told as an event of its task", () => {
  const players: Players = { provider: wrong, challenger: honest };
  const chain = submittedRun(wrong);
  chain.open();
  while (chain.dispute().stage.kind !== "closed") chain.block(...movesOf(chain, players));
  const told = chain.events().filter(({ dispute }) => dispute !== undefined);
  assertEquals(told.map(({ kind }) => kind), [
    "dispute_opened",
    "dispute_split",
    "dispute_chosen",
    "segment_bound",
    "dispute_split",
    "dispute_chosen",
    "step_bound",
    "dispute_chosen",
    "dispute_split",
    "dispute_chosen",
    "node_opened",
    "arbiter_drawn",
    "arbiter_drawn",
    "arbiter_drawn",
    "arbiter_committed",
    "arbiter_committed",
    "arbiter_committed",
    "arbiter_revealed",
    "arbiter_revealed",
    "arbiter_revealed",
    "verdict",
    "dispute_closed",
  ]);
  assertEquals(new Set(told.map(({ task }) => bytesToHex(present(task)))).size, 1);
});
