/**
 * States in which something is going on, with the operations that are due in them: an audit and disputes at each of their stages, tasks
 * of every status, proposals, and evidence.
 *
 * @module
 */
import type { Operation } from "../../../ledger/chain/mod.ts";
import type { SourceEvidence } from "../../../ledger/disputes/mod.ts";
import { signVote } from "../../../ledger/consensus/votes.ts";
import { type Address, beaconSignerFromSeed, equalBytes } from "../../../ledger/primitives/mod.ts";
import { type State, taskOf, validatorSetOf } from "../../../ledger/state/mod.ts";
import { addressOf, NAMES, signerOf, type TestChain } from "../chain/test_chain.ts";
import { mark, postTask, publishOffer, submitResult } from "../chain/test_task.ts";
import { auditMoves } from "../audits/play.ts";
import { answer, availabilityOf, certify, demand, drawn, openedResult } from "../availability/play.ts";
import { FINAL } from "../availability/real_blobs.ts";
import { movesOf, type Players } from "../disputes/play.ts";
import {
  ARBITERS,
  AUDITORS,
  CHALLENGER,
  committedRun,
  OTHER_CHALLENGER,
  PROVIDER,
  REQUESTER,
  submittedRun,
  type ToyChain,
  VALIDATORS,
} from "../disputes/toy_chain.ts";
import { naming } from "../disputes/toy_naming.ts";
import {
  CHUNKED,
  runInference,
  runProgram,
  tensor,
  TOLERANT,
  type ToyRun,
  withWrongChunk,
  withWrongSum,
} from "../disputes/toy_program.ts";
import { governedChain, propose, ROUND, upgrade, vote } from "../governance/governed_chain.ts";

/** Rules by which a dispute goes below a chunk, and a lie that is found there. */
const EVERY_CHUNK_TOO_DEAR = { program: CHUNKED, unitCostCap: 1n };
const WRONG_SUM = { element: 300, block: 130, more: 1 };

/** What somebody would do. */
export type Intent = readonly [by: Address, operation: Operation];

/** A state, who acts in it, and what they would do. */
export interface Scene {
  readonly name: string;
  readonly state: State;
  readonly accounts: readonly Address[];
  readonly intents: readonly Intent[];
}

/** The moves of the present turn. A node is opened with its first input only, and the rest shown in the stage that then asks for it. */
function movesInPieces(chain: ToyChain, players: Players, withheld: SourceEvidence[]): readonly Intent[] {
  const { id, provider, stage } = chain.dispute();
  if (stage.kind === "open_inputs") {
    return [[provider, { kind: "dispute_open_inputs", dispute: id, inputs: withheld.splice(0) }]];
  }
  return movesOf(chain, players).slice(0, 3).map(([by, operation]): Intent => {
    if (operation.kind !== "dispute_open_node") return [by, operation];
    withheld.push(...operation.inputs.slice(1));
    return [by, { ...operation, inputs: operation.inputs.slice(0, 1) }];
  });
}

/** An audit as it goes on, one scene for each block in which somebody moves. */
function auditScenes(run: ToyRun): readonly Scene[] {
  const chain = committedRun(run, { auditors: 2, auditSegments: 3 });
  const accounts = [REQUESTER, PROVIDER, ...AUDITORS, ...VALIDATORS];
  const scenes: Scene[] = [];
  while (chain.audit().stage !== "closed") {
    const intents = auditMoves(chain, { provider: run });
    const name = `audit: ${chain.audit().stage}`;
    if (intents.length > 0) scenes.push({ name, state: chain.state(), accounts, intents });
    chain.block(...intents);
  }
  return scenes;
}

/** A committee that certifies while chunks are demanded: before the answers and after. */
function availabilityScenes(): readonly Scene[] {
  const chain = openedResult();
  const accounts = [REQUESTER, PROVIDER, ...AUDITORS, ...VALIDATORS];
  const members = drawn(chain), [member = PROVIDER] = members;
  const own = { kind: "state", segment: FINAL, tensor: 1 } as const,
    files = { kind: "data", tensor: 1 } as const;
  const demands: readonly Intent[] = [
    [member, demand(chain, own)],
    [REQUESTER, demand(chain, { kind: "step", segment: 4, step: 2, tensor: 1 })],
    [PROVIDER, demand(chain, files)],
  ];
  const certificates = members.map((each): Intent => [each, certify(chain)]);
  const before: Scene = {
    name: "a committee",
    state: chain.state(),
    accounts,
    intents: [...demands, ...certificates],
  };
  chain.block(...demands);
  const answers = availabilityOf(chain).demands.map((open): Intent => [PROVIDER, answer(chain, open)]);
  return [before, {
    name: "demands",
    state: chain.state(),
    accounts,
    intents: [...answers, ...certificates],
  }];
}

/** A dispute as it goes on, one scene for each block. */
function disputeScenes(
  name: string,
  players: Players,
  rules: Parameters<typeof submittedRun>[1] = {},
): readonly Scene[] {
  const chain = submittedRun(players.provider, rules);
  const accounts = [REQUESTER, PROVIDER, CHALLENGER, OTHER_CHALLENGER, ...ARBITERS, ...VALIDATORS];
  const open: Intent = [OTHER_CHALLENGER, { kind: "open_dispute", task: chain.taskId }];
  const scenes: Scene[] = [{ name: `${name}: submitted`, state: chain.state(), accounts, intents: [open] }];
  chain.open();
  const withheld: SourceEvidence[] = [];
  while (chain.dispute().stage.kind !== "closed") {
    const moves = movesInPieces(chain, players, withheld);
    const { kind } = chain.dispute().stage;
    scenes.push({ name: `${name}: ${kind}`, state: chain.state(), accounts, intents: [open, ...moves] });
    chain.block(...moves);
  }
  return scenes;
}

/** A node that is named while the run is split. */
function namingScene(provider: ToyRun, challenger: ToyRun): Scene {
  const chain = submittedRun(provider, { program: TOLERANT }), players = { provider, challenger };
  chain.open();
  const accounts = [REQUESTER, PROVIDER, CHALLENGER, OTHER_CHALLENGER, ...ARBITERS, ...VALIDATORS];
  const named = [0, 1].map((node): Intent => [CHALLENGER, naming(chain, players, node)]);
  return {
    name: "a named node",
    state: chain.state(),
    accounts,
    intents: [...named, ...movesOf(chain, players)],
  };
}

function providerOf(chain: TestChain, task: Uint8Array): string {
  const provider = taskOf(chain.state(), task).provider;
  const name = NAMES.find((each) => provider !== null && equalBytes(addressOf(each), provider));
  if (name === undefined) throw new Error("the task has no provider");
  return name;
}

/** Position of a validator in the set of the first epoch. */
function indexOf(chain: TestChain, name: string): number {
  const members = validatorSetOf(chain.state(), 0n)?.validators ?? [];
  return members.findIndex(({ address }) => equalBytes(address, addressOf(name)));
}

function marketScene(): Scene {
  const chain = governedChain();
  for (const name of ["prov1", "prov2", "prov3"]) chain.accept(name, publishOffer({ slots: 1 }));
  const tasks = ["d", "a", "b", "c"].map((title) => chain.accept("alice", postTask({ title })));
  // Three providers for four tasks: the last stays open, the first assigned, one runs, one is submitted.
  const running = tasks.slice(1, 3);
  for (const task of running) chain.accept(providerOf(chain, task), { kind: "accept_task", task });
  for (const task of running.slice(1)) chain.accept(providerOf(chain, task), submitResult(task));
  const proposal = chain.accept("val1", ROUND);
  const equivocation = (block: string) =>
    signVote(signerOf("val2"), chain.chainId, indexOf(chain, "val2"), {
      kind: "notarize",
      proposal: { epoch: 0n, view: 3n, parentView: 2n, height: 3n, block: mark(block) },
    });
  const beacon = beaconSignerFromSeed(mark("beacon"));
  const by = addressOf;
  const intents: readonly Intent[] = [
    [by("alice"), { kind: "transfer", to: by("bob"), amount: 5n }],
    [by("bob"), { kind: "stake", role: "arbiter", amount: 100_000_000_000n }],
    [by("val1"), { kind: "unstake", role: "validator", amount: 1_000_000_000_000n }],
    [by("arb1"), { kind: "unstake", role: "arbiter", amount: 1n }],
    [by("arb1"), { kind: "name_engines", engines: ["repops"] }],
    [by("prov1"), publishOffer()],
    [by("prov1"), { kind: "withdraw_offer" }],
    [by("prov2"), { kind: "heartbeat" }],
    [by("bob"), postTask()],
    [by("bob"), { kind: "report_equivocation", first: equivocation("one"), second: equivocation("two") }],
    [by("val1"), {
      kind: "register_beacon_key",
      publicKey: beacon.publicKey,
      proof: beacon.provePossession(by("val1")),
    }],
    [by("val2"), vote(proposal, true)],
    [by("val2"), { kind: "declare_incident", engine: "none", kernelHash: mark("kernels") }],
    [by("val3"), propose({ name: "roundBlocks", value: 9n }, { name: "arbiterFee", value: 10n })],
    [by("val3"), upgrade(2, 101n)],
    [by("chal1"), { kind: "open_dispute", task: tasks[2] ?? mark("none") }],
    ...tasks.flatMap((task): readonly Intent[] => {
      const provider = taskOf(chain.state(), task).provider ?? by("prov1");
      return [
        [by("alice"), { kind: "cancel_task", task }],
        [provider, { kind: "accept_task", task }],
        [provider, { kind: "decline_task", task }],
        [by("bob"), { kind: "fund_task", task, amount: 3n }],
        [provider, submitResult(task)],
      ];
    }),
  ];
  return { name: "market", state: chain.state(), accounts: NAMES.map(addressOf), intents };
}

/** All scenes. */
export function allScenes(): readonly Scene[] {
  const honest = runProgram();
  const cheating = runProgram({
    trace: (leaf, { phaseIndex, step }) =>
      phaseIndex === 0 && step === 4 && leaf.node === 2
        ? { ...leaf, outputs: [tensor("wrong"), ...leaf.outputs.slice(1)] }
        : leaf,
  });
  const misassembling = runProgram({
    output: (entries, { phaseIndex, step }) =>
      phaseIndex === 0 && step === 4
        ? entries.map((entry, i) => i === 0 ? { ...entry, root: tensor("other") } : entry)
        : entries,
  });
  const wrongChunk = runProgram({
    trace: (leaf, { phaseIndex, step }) =>
      phaseIndex === 0 && step === 4 && leaf.node === 2
        ? { ...leaf, outputs: leaf.outputs.map((root) => withWrongChunk(root, 17)) }
        : leaf,
  });
  const wrongSum = runProgram({
    trace: (leaf, { phaseIndex, step }) =>
      phaseIndex === 0 && step === 4 && leaf.node === 2
        ? { ...leaf, outputs: leaf.outputs.map((root) => withWrongSum(root, WRONG_SUM)) }
        : leaf,
  });
  const wrongInference = runInference({ trace: (leaf) => ({ ...leaf, outputs: [tensor("wrong")] }) });
  return [
    marketScene(),
    ...auditScenes(honest),
    ...availabilityScenes(),
    ...disputeScenes("a wrong output", { provider: misassembling, challenger: honest }),
    ...disputeScenes("a cheat", { provider: cheating, challenger: honest, appeals: "provider" }),
    ...disputeScenes("a wrong chunk", { provider: wrongChunk, challenger: honest }, { program: CHUNKED }),
    ...disputeScenes("a wrong sum", { provider: wrongSum, challenger: honest }, EVERY_CHUNK_TOO_DEAR),
    namingScene(wrongInference, runInference()),
    ...disputeScenes("a lying challenger", { provider: honest, challenger: cheating }),
  ];
}
