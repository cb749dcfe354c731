/** Nodes named directly, rule by rule of `name_node.ts`. */
import { assertEquals } from "@std/assert/equals.js";
import { type DisputeNameNode, namingMove } from "../../../ledger/disputes/mod.ts";
import { hash } from "../../../ledger/primitives/mod.ts";
import { outcomeOf, play, playUntil, present } from "./play.ts";
import { CHALLENGER, PROVIDER, submittedRun, type ToyChain } from "./toy_chain.ts";
import { committedStep, naming } from "./toy_naming.ts";
import { runInference, tensor, TOLERANT, type ToyRun } from "./toy_program.ts";

const honest = runInference();

/** A run with a wrong output of a node of the first inference step. */
function wrongAt(node: number): ToyRun {
  return runInference({
    trace: (leaf, at) => at.step === 0 && leaf.node === node ? { ...leaf, outputs: [tensor("wrong")] } : leaf,
  });
}

function disputed(provider: ToyRun, program = TOLERANT): ToyChain {
  const chain = submittedRun(provider, { program });
  chain.open();
  return chain;
}

type Naming = ReturnType<typeof naming>;

function name(chain: ToyChain, move: Naming): string | null {
  return present(chain.block([CHALLENGER, move]))[0] ?? null;
}

Deno.test("a named node is judged at once, from what the provider committed to, and a wrong one costs it its collateral", () => {
  for (const node of [0, 1]) {
    const provider = wrongAt(node), chain = disputed(provider), sides = { provider, challenger: honest };
    assertEquals(name(chain, naming(chain, sides, node)), null);
    assertEquals(chain.dispute().stage.kind, "draw");
    play(chain, sides);
    const { guilty, reason, segment, step, node: found } = outcomeOf(chain.dispute());
    assertEquals([guilty, reason, segment, step, found], [
      "provider",
      "wrong_output",
      0,
      0,
      node,
    ]);
    assertEquals(chain.dispute().rounds, 1);
  }
});

Deno.test("a node may be named after the provider has split the run, too", () => {
  const provider = wrongAt(1), chain = disputed(provider), sides = { provider, challenger: honest };
  playUntil(chain, sides, "choose");
  assertEquals(name(chain, naming(chain, sides, 1)), null);
  play(chain, sides);
  assertEquals(outcomeOf(chain.dispute()).reason, "wrong_output");
});

Deno.test("who names a node that is right loses its bond, and the provider nothing", () => {
  const chain = disputed(honest), sides = { provider: honest, challenger: wrongAt(1) };
  const before = chain.stake("provider", PROVIDER);
  assertEquals(name(chain, naming(chain, sides, 1)), null);
  play(chain, sides);
  const { guilty, reason } = outcomeOf(chain.dispute());
  assertEquals([guilty, reason, chain.stake("provider", PROVIDER)], [
    "challenger",
    "output_confirmed",
    before,
  ]);
});

Deno.test("a node is judged from the inputs that the provider committed to: it is right if it follows from them, though they are wrong", () => {
  const provider = wrongAt(0), chain = disputed(provider), sides = { provider, challenger: honest };
  assertEquals(name(chain, naming(chain, sides, 1)), null);
  play(chain, sides);
  assertEquals(outcomeOf(chain.dispute()).reason, "output_confirmed");
});

const other = hash("test/other");

/** Changes to a right naming of node 1, and the code each is refused with. */
const WRONG:
  readonly (readonly [what: string, code: string, change: (move: Naming) => Partial<DisputeNameNode>])[] = [
    [
      "another segment's root",
      "wrong_leaf",
      ({ segmentRoot }) => ({ segmentRoot: { ...segmentRoot, root: other } }),
    ],
    ["another segment", "wrong_leaf", () => ({ segment: 1 })],
    ["a segment that does not exist", "wrong_leaf", () => ({ segment: 77 })],
    ["another step's root", "wrong_leaf", ({ stepRoot }) => ({ stepRoot: { ...stepRoot, root: other } })],
    ["another step", "wrong_leaf", () => ({ step: 1 })],
    ["a step of another segment", "wrong_leaf", () => ({ step: 2 })],
    ["another input state", "wrong_input", ({ segmentRoot }) => ({ input: segmentRoot })],
    ["another node", "wrong_descriptor", () => ({ node: 0 })],
    [
      "another descriptor",
      "wrong_descriptor",
      ({ descriptor }) => ({ descriptor: { ...descriptor, operator: other } }),
    ],
    ["too few inputs", "wrong_evidence", ({ inputs }) => ({ inputs: inputs.slice(1) })],
    ["too many inputs", "too_many_inputs", ({ inputs }) => ({ inputs: [...inputs, { kind: "none" }] })],
    ["inputs in another order", "wrong_evidence", ({ inputs }) => ({ inputs: inputs.toReversed() })],
    ["no output", "wrong_evidence", () => ({ outputs: [] })],
    [
      "the output of another node",
      "wrong_evidence",
      ({ inputs: [input] }) => ({ outputs: input?.kind === "output" ? [input] : [] }),
    ],
    [
      "another tensor",
      "wrong_evidence",
      ({ outputs }) => ({
        outputs: outputs.map((each) => ({ ...each, entry: { ...each.entry, root: other } })),
      }),
    ],
    [
      "an entry of another place",
      "wrong_evidence",
      ({ outputs, inputs: [input] }) => ({
        outputs: outputs.map((each) =>
          input?.kind === "output" ? { ...each, entry: input.entry, entryProof: input.entryProof } : each
        ),
      }),
    ],
  ];

Deno.test("a naming that does not verify is refused, whatever is wrong with it, and changes nothing", () => {
  const provider = wrongAt(1), chain = disputed(provider);
  const right = naming(chain, { provider, challenger: honest }, 1);
  const refused = chain.block(
    ...WRONG.map(([, , change]) => [CHALLENGER, { ...right, ...change(right) }] as const),
    [CHALLENGER, naming(chain, { provider, challenger: provider }, 1)],
    [PROVIDER, right],
  );
  assertEquals(
    refused.map((code, i) => [WRONG[i]?.[0], code]),
    [...WRONG.map(([what, code]) => [what, code]), [undefined, "same_top"], [undefined, "not_your_move"]],
  );
  assertEquals(chain.dispute().stage.kind, "descend");
  assertEquals(name(chain, right), null);
  assertEquals(name(chain, right), "wrong_stage");
});

Deno.test("programs that are judged by the bit are descended, and so is what a step does not put out", () => {
  const provider = wrongAt(1), chain = disputed(provider, { ...TOLERANT, engine: "toy" });
  assertEquals(name(chain, naming(chain, { provider, challenger: honest }, 1)), "must_descend");
  const committed = committedStep(provider, 0), { outputs, entries } = committed;
  const hiding = { ...committed, outputs: outputs.slice(0, 2), entries: entries.slice(0, 2) };
  assertEquals(namingMove(chain.dispute().id, hiding, 1, other), undefined);
});

Deno.test("once a segment is chosen nobody names a node any more", () => {
  const provider = wrongAt(1), chain = disputed(provider), sides = { provider, challenger: honest };
  playUntil(chain, sides, "bind_segment");
  assertEquals(name(chain, naming(chain, sides, 1)), "wrong_stage");
});
