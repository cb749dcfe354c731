import { assertEquals } from "@std/assert/equals.js";
import fc from "fast-check";
import type { Operation } from "../../../ledger/chain/mod.ts";
import { movesOf, outcomeOf, type Players } from "./play.ts";
import { CHALLENGER, COLLATERAL, PROVIDER, submittedRun, tokens } from "./toy_chain.ts";
import { turnOf } from "./toy_party.ts";
import { CHUNKED, PROGRAM, runProgram, tensor } from "./toy_program.ts";

const honest = runProgram();
const players: Players = { provider: honest, challenger: honest };

Deno.test("a provider that is honest and answers keeps its stake, whatever a challenger chooses or leaves out", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(16), { minLength: 1, maxLength: 12 }), (whims) => {
      const chain = submittedRun(honest, { program: (whims[0] ?? 0) % 2 === 0 ? PROGRAM : CHUNKED });
      chain.open();
      for (let turns = 0; chain.dispute().stage.kind !== "closed"; turns++) {
        const whim = whims[turns % whims.length] ?? 0;
        const { id } = chain.dispute();
        const turn = turnOf(chain.dispute());
        if (turn.by !== "challenger") {
          chain.block(...movesOf(chain, players));
          continue;
        }
        const move: Operation = turn.kind === "choose_tree"
          ? { kind: "dispute_choose_tree", dispute: id, tree: whim % 2 === 0 ? "nodes" : "outputs" }
          : turn.kind === "choose_output"
          ? { kind: "dispute_choose_output", dispute: id, output: whim, own: tensor("own") }
          : { kind: "dispute_choose", dispute: id, index: whim, own: tensor("own") };
        // A whim beyond the posted tops is refused: the challenger then stays silent in that block.
        chain.block([CHALLENGER, move]);
      }
      assertEquals(outcomeOf(chain.dispute()).guilty, "challenger");
      assertEquals(chain.stake("provider", PROVIDER), tokens(100));
      assertEquals(chain.task().status, "submitted");
      assertEquals(chain.task().collateral, COLLATERAL);
    }),
    { numRuns: 60, seed: 5 },
  );
});
