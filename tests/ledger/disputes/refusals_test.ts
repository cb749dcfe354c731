import { assertEquals } from "@std/assert/equals.js";
import type { Operation } from "../../../ledger/chain/mod.ts";
import { arbiterCommitment } from "../../../ledger/disputes/mod.ts";
import { type Address, ZERO_HASH } from "../../../ledger/primitives/mod.ts";
import { honestVerdict, moveNow, play, type Players, playUntil, present, saltOf } from "./play.ts";
import {
  account,
  ARBITERS,
  CHALLENGER,
  OTHER_CHALLENGER,
  PROVIDER,
  submittedRun,
  tokens,
  type ToyChain,
} from "./toy_chain.ts";
import { runProgram, tensor } from "./toy_program.ts";

const honest = runProgram();
const wrong = runProgram({
  trace: (leaf, { phaseIndex, step }) =>
    phaseIndex === 0 && step === 4 && leaf.node === 2 ? { ...leaf, outputs: [tensor("wrong")] } : leaf,
});
const players: Players = { provider: honest, challenger: wrong };

/** Windows that outlast every refusal tried in one turn. */
const PATIENT = { roundBlocks: 100, arbiterCommitBlocks: 100, arbiterRevealBlocks: 100 };

/** Makes a block of one operation that must be rejected, and must change nothing of the dispute. */
function refused(chain: ToyChain, sender: Address, operation: Operation): string | null {
  const before = chain.dispute();
  const [code] = chain.block([sender, operation]);
  assertEquals(chain.dispute(), before);
  return code ?? null;
}

Deno.test("a dispute is refused without a task, a result, a stake, a bond, or against oneself", () => {
  const chain = submittedRun(honest);
  const open = (sender: Address, task = chain.taskId) =>
    chain.block([sender, { kind: "open_dispute", task }])[0];
  assertEquals(open(CHALLENGER, ZERO_HASH), "unknown_task");
  assertEquals(open(PROVIDER), "own_result");
  assertEquals(open(account("requester")), "not_a_challenger");
  assertEquals(open(CHALLENGER), null);
  assertEquals(open(CHALLENGER), "already_disputing");
  assertEquals(play(chain, players).guilty, "challenger");
  while (chain.task().status === "submitted") chain.block();
  assertEquals(open(OTHER_CHALLENGER), "not_submitted");

  const dear = submittedRun(honest, { challengerBond: tokens(101) });
  assertEquals(dear.block([CHALLENGER, { kind: "open_dispute", task: dear.taskId }]), ["insufficient_bond"]);
});

Deno.test("after a lost dispute another challenger can dispute the same result, and be right", () => {
  const chain = submittedRun(wrong);
  chain.open(CHALLENGER);
  // A challenger in league with the provider points elsewhere, at a leaf that is right.
  const elsewhere = runProgram({
    trace: (leaf, { phaseIndex, step }) =>
      phaseIndex === 0 && step === 0 && leaf.node === 0
        ? { ...leaf, outputs: [tensor("a"), tensor("b")] }
        : leaf,
  });
  assertEquals(play(chain, { provider: wrong, challenger: elsewhere }).guilty, "challenger");
  assertEquals(chain.task().status, "submitted");
  chain.open(OTHER_CHALLENGER);
  const outcome = play(chain, { provider: wrong, challenger: honest });
  assertEquals([outcome.guilty, outcome.node], ["provider", 2]);
  assertEquals(chain.task().disputes, 2);
});

Deno.test("a move out of turn, of another party, of another stage or of another dispute is refused", () => {
  const chain = submittedRun(honest, PATIENT);
  chain.open();
  const { id } = chain.dispute();
  const split = moveNow(chain, players, "dispute_split");
  const choose: Operation = { kind: "dispute_choose", dispute: id, index: 0, own: ZERO_HASH };
  assertEquals(refused(chain, CHALLENGER, split), "not_your_move");
  assertEquals(refused(chain, CHALLENGER, choose), "not_your_turn");
  assertEquals(
    refused(chain, CHALLENGER, { kind: "dispute_choose_tree", dispute: id, tree: "nodes" }),
    "wrong_stage",
  );
  assertEquals(refused(chain, CHALLENGER, { ...choose, dispute: ZERO_HASH }), "unknown_dispute");
  assertEquals(chain.block([PROVIDER, split]), [null]);
  assertEquals(refused(chain, PROVIDER, split), "not_your_turn");
  assertEquals(refused(chain, CHALLENGER, { ...choose, index: 16 }), "no_such_top");
  play(chain, players);
  assertEquals(refused(chain, CHALLENGER, choose), "dispute_closed");
});

Deno.test("tops that do not make up the agreed top are refused, at the root and below it", () => {
  const chain = submittedRun(honest, PATIENT);
  chain.open();
  for (const tree of ["run", "steps", "nodes"]) {
    playUntil(chain, players, "split", (turn) => turn.tree.kind === tree);
    const split = moveNow(chain, players, "dispute_split");
    assertEquals(
      refused(chain, PROVIDER, { ...split, tops: split.tops.with(0, tensor("x")) }),
      "wrong_split",
    );
    assertEquals(refused(chain, PROVIDER, { ...split, tops: split.tops.slice(1) }), "wrong_split");
    assertEquals(refused(chain, PROVIDER, { ...split, tops: [] }), "wrong_split");
    assertEquals(chain.block([PROVIDER, split]), [null]);
  }
});

Deno.test("a binding that does not open what was committed, in its place, is refused", () => {
  const chain = submittedRun(honest, PATIENT);
  chain.open();
  playUntil(chain, players, "bind_segment");
  const segment = moveNow(chain, players, "dispute_bind_segment");
  const [input, steps] = [present(segment.input), present(segment.steps)];
  assertEquals(refused(chain, PROVIDER, { ...segment, root: tensor("x") }), "wrong_leaf");
  assertEquals(refused(chain, PROVIDER, { ...segment, input: null }), "wrong_input");
  assertEquals(
    refused(chain, PROVIDER, { ...segment, input: { ...input, root: tensor("x") } }),
    "wrong_input",
  );
  const moved = { ...input, proof: { ...input.proof, index: 1 } };
  assertEquals(refused(chain, PROVIDER, { ...segment, input: moved }), "wrong_input");
  assertEquals(refused(chain, PROVIDER, { ...segment, steps: null }), "wrong_steps");
  assertEquals(
    refused(chain, PROVIDER, { ...segment, steps: { ...steps, root: tensor("x") } }),
    "wrong_steps",
  );

  playUntil(chain, players, "bind_step");
  const step = moveNow(chain, players, "dispute_bind_step");
  assertEquals(refused(chain, PROVIDER, { ...step, root: tensor("x") }), "wrong_leaf");
  assertEquals(refused(chain, PROVIDER, { ...step, input: null }), "wrong_input");
  assertEquals(
    refused(chain, PROVIDER, { ...step, input: { ...present(step.input), root: tensor("x") } }),
    "wrong_input",
  );
});

Deno.test("an opening that proves something else than what was committed is refused, not judged", () => {
  const chain = submittedRun(honest, PATIENT);
  chain.open();
  playUntil(chain, players, "open_node");
  const opening = moveNow(chain, players, "dispute_open_node");
  const { leaf, descriptor, descriptorProof, inputs } = opening;
  const none = { kind: "none" } as const;
  assertEquals(
    refused(chain, PROVIDER, { ...opening, leaf: { ...leaf, outputs: [tensor("x")] } }),
    "wrong_leaf",
  );
  assertEquals(
    refused(chain, PROVIDER, { ...opening, descriptor: { ...descriptor, operator: tensor("x") } }),
    "wrong_descriptor",
  );
  const elsewhere = { ...descriptorProof, index: 0 };
  assertEquals(refused(chain, PROVIDER, { ...opening, descriptorProof: elsewhere }), "wrong_descriptor");
  assertEquals(refused(chain, PROVIDER, { ...opening, inputs: inputs.with(0, none) }), "wrong_evidence");
  assertEquals(refused(chain, PROVIDER, { ...opening, inputs: inputs.toReversed() }), "wrong_evidence");
  assertEquals(refused(chain, PROVIDER, { ...opening, inputs: [...inputs, none] }), "too_many_inputs");
  assertEquals(chain.block([PROVIDER, opening]), [null]);
});

Deno.test("an output opened as something else is refused", () => {
  const claimed = runProgram({
    output: (entries, { phaseIndex, step }) =>
      phaseIndex === 0 && step === 4 ? entries.map((entry) => ({ ...entry, root: tensor("x") })) : entries,
  });
  const chain = submittedRun(honest, PATIENT);
  chain.open();
  const assembly = { provider: honest, challenger: claimed };
  playUntil(chain, assembly, "open_output");
  const opening = moveNow(chain, assembly, "dispute_open_output");
  const { entry, descriptor } = opening;
  assertEquals(refused(chain, PROVIDER, { ...opening, entry: { ...entry, name: "z" } }), "wrong_leaf");
  const renamed = { ...descriptor, name: "z" };
  assertEquals(refused(chain, PROVIDER, { ...opening, descriptor: renamed }), "wrong_descriptor");
  assertEquals(refused(chain, PROVIDER, { ...opening, source: { kind: "none" } }), "wrong_evidence");
});

Deno.test("an arbiter cannot vote undrawn, twice, with another's commitment, or reveal something else", () => {
  const chain = submittedRun(honest, { ...PATIENT, arbiterCount: 2 });
  chain.open();
  const { awaited } = playUntil(chain, players, "commit");
  const [one, two] = [present(awaited[0]), present(awaited[1])];
  const { id } = chain.dispute();
  const verdict = honestVerdict(chain);
  const commitment = arbiterCommitment({ dispute: id, arbiter: one, salt: saltOf(one), verdict });
  const commit: Operation = { kind: "arbiter_commit", dispute: id, commitment };
  const reveal: Operation = { kind: "arbiter_reveal", dispute: id, salt: saltOf(one), verdict };
  const notDrawn = ARBITERS.filter((arbiter) => awaited.every((drawn) => drawn.join() !== arbiter.join()));
  assertEquals(notDrawn.length, 3);
  assertEquals(refused(chain, present(notDrawn[0]), commit), "not_drawn");
  assertEquals(refused(chain, one, reveal), "wrong_stage");
  assertEquals(chain.block([one, commit]), [null]);
  assertEquals(refused(chain, one, commit), "already_committed");
  // The second copies the first's commitment, and cannot reveal it.
  assertEquals(chain.block([two, commit]), [null]);
  assertEquals(refused(chain, one, { ...reveal, verdict: tensor("x") }), "wrong_reveal");
  assertEquals(refused(chain, two, reveal), "wrong_reveal");
  assertEquals(chain.block([one, reveal]), [null]);
  assertEquals(refused(chain, one, reveal), "already_revealed");
  assertEquals(play(chain, { ...players, reveals: () => false }).reason, "no_quorum");
});

Deno.test("an arbiter that missed the commit window cannot reveal", () => {
  const chain = submittedRun(honest, PATIENT);
  chain.open();
  const { awaited } = playUntil(chain, players, "commit");
  const late = present(awaited[0]);
  const others: Players = {
    ...players,
    arbiter: (arbiter, verdict) => arbiter.join() === late.join() ? undefined : verdict,
  };
  playUntil(chain, others, "reveal");
  const { id } = chain.dispute();
  const reveal: Operation = {
    kind: "arbiter_reveal",
    dispute: id,
    salt: saltOf(late),
    verdict: honestVerdict(chain),
  };
  assertEquals(refused(chain, late, reveal), "no_commitment");
});
