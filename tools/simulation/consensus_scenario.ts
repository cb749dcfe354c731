/**
 * The scenario `consensus`: a chain under everything that a seed can think of, then in fair weather.
 *
 * In the safety phase nothing may happen that must not. Then faults stop (dishonest validators stay), and in the liveness phase all
 * that was promised must come about: blocks on every honest node, every transaction of every client, every equivocator punished.
 *
 * @module
 */
import type { Genesis } from "../../ledger/chain/mod.ts";
import type { BatchFate } from "../../ledger/store/mod.ts";
import { stakeOf, type State, unbondingOf } from "../../ledger/state/mod.ts";
import type { Twist } from "./behaviour.ts";
import { misdeeds } from "./byzantine/mod.ts";
import { type Checkers, makeCheckers } from "./checkers/mod.ts";
import { type Client, keepRepeating, makeClient, makeReporters, spam } from "./clients.ts";
import type { Mutation } from "./mutations/mutation.ts";
import { createNetwork, type SimulatedNetwork } from "./network.ts";
import { type Disk, type NodeSpec, type SimulatedNode, soundDisk } from "./node.ts";
import { describePlan, drawPlan, type Fault, type Plan, type PlanWish } from "./plan.ts";
import { byzantineAddresses, clientName, genesisOf } from "./population.ts";
import { type Dice, makeDice } from "./random.ts";
import type { RunResult } from "./run_result.ts";
import { makeSigningBook, type SigningBook } from "./signing_book.ts";
import { makeTrace, type Trace } from "./trace.ts";
import { withVerification } from "./verification_memo.ts";
import { PromiseBroken } from "./watcher.ts";

/** Longest that a network in fair weather may take: several views at the cap of the timeouts, each with a bad leader. */
const LIVENESS_MS = 120_000;

/** Blocks that must follow in fair weather: every validator of the largest network has likely led. */
const LIVENESS_BLOCKS = 10n;

/** How often the liveness phase looks whether it may end. */
const LOOK_MS = 250;

interface Run {
  readonly plan: Plan;
  readonly genesis: Genesis;
  readonly book: SigningBook;
  readonly network: SimulatedNetwork;
  readonly checkers: Checkers;
  readonly trace: Trace;
  readonly dice: Dice;
  readonly mutation: Mutation | undefined;
  readonly honest: readonly string[];
  /** Disks misbehave only while this holds. */
  isFaulty: boolean;
}

function running(run: Run): readonly SimulatedNode[] {
  return [...run.network.nodes.values()].filter(({ name, replica }) =>
    replica !== undefined && run.honest.includes(name)
  );
}

/** The newest state that an honest node has; `undefined` while all are down. */
function newestState(run: Run): State | undefined {
  const heads = [...run.network.nodes.values()].flatMap(({ name, replica }) =>
    replica === undefined || !run.honest.includes(name) ? [] : [replica.head]
  );
  const [first, ...rest] = heads;
  if (first === undefined) return undefined;
  return rest.reduce((best, head) => head.height > best.height ? head : best, first).state;
}

function diskOf(run: Run, name: string): Disk {
  const dice = run.dice.fork();
  const fate = (): BatchFate => {
    if (!run.isFaulty || !dice.chance(run.plan.diskTrouble)) return "commit";
    return dice.chance(0.5) ? "lose" : "commit_unacknowledged";
  };
  const isHonest = run.honest.includes(name);
  return isHonest && run.mutation?.disk !== undefined ? run.mutation.disk({ fate }) : soundDisk({ fate });
}

/** What a node's replica has of its own. */
function optionsOf({ plan }: Run, name: string): Pick<NodeSpec, "options"> {
  const keepBlocks = plan.keepBlocks.get(name);
  return keepBlocks === undefined ? {} : { options: { keepBlocks } };
}

function populate(run: Run): void {
  const { plan, network, book, mutation } = run;
  const honestTwist: Twist | undefined = mutation?.twist;
  for (const { name, misdeed, clockRate } of plan.validators) {
    const twist = misdeed === undefined ? honestTwist : misdeeds[misdeed];
    const signer = book.signer(name);
    network.add({
      name,
      signer,
      clockRate,
      disk: diskOf(run, name),
      ...optionsOf(run, name),
      ...twist === undefined ? {} : { twist },
    });
    if (misdeed === "twins") network.add({ name: `${name} twin`, signer, disk: diskOf(run, `${name} twin`) });
  }
  for (const name of plan.followers) {
    const joins = plan.joiners.some((joiner) => joiner.name === name);
    network.add({
      name,
      disk: diskOf(run, name),
      ...optionsOf(run, name),
      ...joins ? { signer: book.signer(name) } : {},
      ...honestTwist === undefined ? {} : { twist: honestTwist },
    });
  }
}

function employ(run: Run): readonly Client[] {
  const { plan, network, book, genesis, dice } = run;
  const hand = (transaction: Uint8Array) => {
    const node = dice.any(running(run));
    if (node !== undefined) network.submit(node.name, transaction);
  };
  const clients = Array.from({ length: plan.clients }, (_, i) => {
    const name = clientName(i);
    return makeClient(name, book.signer(name), genesis, hand);
  });
  for (const client of clients) {
    const other = book.signer(clientName(dice.whole(0, plan.clients - 1))).address;
    for (let at = dice.between(0, plan.transferMs); at < plan.safetyMs; at += plan.transferMs) {
      network.after(at, () => client.send({ kind: "transfer", to: other, amount: 1n }));
    }
  }
  const joiners = plan.joiners.map(({ name, atMs }) => {
    const joiner = makeClient(name, book.signer(name), genesis, hand);
    const amount = genesis.params.minValidatorStake * 2n;
    network.after(atMs, () => joiner.send({ kind: "stake", role: "validator", amount }));
    return joiner;
  });
  const all = [...clients, ...joiners];
  for (const client of all) keepRepeating(network, client, () => newestState(run));
  return all;
}

function bother({ plan, network, dice, genesis, book }: Run): void {
  if (plan.spamMs === undefined) return;
  const poor = book.signer("spammer");
  for (let at = 0; at < plan.safetyMs; at += plan.spamMs) {
    network.after(at, () => {
      const victim = dice.any([...network.nodes.keys()]);
      if (victim !== undefined) network.inject(victim, "spammer", spam(dice, genesis, poor));
    });
  }
}

function restart({ network }: Run, name: string): void {
  if (network.nodes.get(name)?.replica === undefined) network.start(name);
}

function strike(run: Run, fault: Fault): void {
  const { network, trace, plan } = run;
  switch (fault.kind) {
    case "crash":
      if (network.nodes.get(fault.node)?.replica !== undefined) network.crash(fault.node);
      network.after(fault.forMs, () => restart(run, fault.node));
      return;
    case "pause":
      trace.note(`${fault.node} stands still for ${fault.forMs.toFixed(0)} ms`);
      return network.pause(fault.node, fault.forMs);
    case "partition":
      trace.note(
        `the network splits: ${[...fault.groups].map(([name, group]) => `${name} ${group}`).join(", ")}`,
      );
      network.weather.partition = fault.groups;
      return network.after(fault.forMs, () => {
        if (network.weather.partition === fault.groups) network.weather.partition = new Map();
      });
    case "storm":
      trace.note(
        `a storm: ${Math.round(fault.weather.loss * 100)} % lost, up to ${
          fault.weather.delayMs[1].toFixed(0)
        } ms`,
      );
      Object.assign(network.weather, fault.weather);
      return network.after(fault.forMs, () => {
        if (run.isFaulty) Object.assign(network.weather, plan.weather);
      });
  }
}

/** Restarts, after a while, whatever a bad disk has brought down. */
function nurse(run: Run): void {
  run.network.after(1_000, () => {
    if (run.isFaulty) {
      for (const { name, replica } of run.network.nodes.values()) {
        const isDown = run.plan.faults.some((fault) => fault.kind === "crash" && fault.node === name);
        if (replica === undefined && !isDown) run.network.start(name);
      }
      nurse(run);
    }
  });
}

function makeFairWeather(run: Run): void {
  const { network, trace } = run;
  trace.note("faults stop");
  run.isFaulty = false;
  Object.assign(network.weather, { delayMs: [1, 50], loss: 0, duplication: 0, partition: new Map() });
  for (const name of network.nodes.keys()) restart(run, name);
}

/** What is still owed; empty when all promises are kept. */
function owed(run: Run, clients: readonly Client[], height: bigint): readonly string[] {
  const { checkers } = run;
  const late = running(run).filter(({ replica }) => (replica?.head.height ?? 0n) < height)
    .map(({ name, replica }) => `${name} is at height ${replica?.head.height ?? 0n}, not ${height}`);
  const state = newestState(run);
  const unserved = clients.filter((client) => state === undefined || !client.isServed(state)).map((
    { name },
  ) => `a transaction of ${name} is not final`);
  const free = [...checkers.equivocators.guilty()].filter(([address]) =>
    !checkers.states.punished.has(address)
  )
    .map(([address, fault]) => `${address.slice(0, 8)} ${fault} and is not punished`);
  return [...late, ...unserved, ...free];
}

function invariantOf(debts: readonly string[]): string {
  if (debts.some((debt) => debt.includes("height"))) return "liveness";
  return debts.some((debt) => debt.includes("transaction")) ? "inclusion" : "equivocators caught";
}

function play(run: Run): void {
  const { network, plan } = run;
  populate(run);
  const clients = employ(run);
  bother(run);
  for (const fault of plan.faults) network.after(fault.atMs, () => run.isFaulty && strike(run, fault));
  if (plan.diskTrouble > 0) nurse(run);
  network.run(plan.safetyMs);
  makeFairWeather(run);
  const target = running(run).reduce((most, { name }) => {
    const height = network.heightOf(name);
    return height > most ? height : most;
  }, 0n) + LIVENESS_BLOCKS;
  const end = network.now + LIVENESS_MS;
  let debts = owed(run, clients, target);
  for (; debts.length > 0 && network.now < end; debts = owed(run, clients, target)) network.run(LOOK_MS);
  if (debts.length > 0) {
    throw new PromiseBroken(
      invariantOf(debts),
      `${LIVENESS_MS / 1000} s after the last fault, ${debts.join("; ")}`,
    );
  }
}

function prepare(seed: number, wish: PlanWish, mutation: Mutation | undefined): Run {
  const plan = drawPlan(seed, wish);
  const book = makeSigningBook();
  const genesis = genesisOf(plan, book);
  const byzantine = byzantineAddresses(plan, book);
  const names = [
    ...plan.validators.filter(({ misdeed }) => misdeed === undefined).map(({ name }) => name),
    ...plan.followers,
  ];
  const isHonest = (name: string) => names.includes(name);
  const checkers = makeCheckers({ genesis, book, byzantine, isHonest });
  const sim: { network?: SimulatedNetwork } = {};
  const theNetwork = () => {
    if (sim.network === undefined) throw new RangeError("The network is asked before it is made");
    return sim.network;
  };
  const trace = makeTrace(() => sim.network?.now ?? 0);
  // A joiner's account is in use by its client: two users of one account would take each other's nonces.
  const isReporter = (name: string) =>
    plan.validators.some((validator) => validator.name === name && isHonest(name));
  const reporters = makeReporters(theNetwork, isReporter, ({ second }) => {
    const { vote } = second;
    const epoch = vote.kind === "nullify" ? vote.epoch : vote.proposal.epoch;
    const address = checkers.sets.members(epoch)[second.signer]?.address;
    return address !== undefined && checkers.states.punished.has(address);
  });
  const network = createNetwork({
    seed,
    genesis,
    timing: plan.timing,
    weather: plan.weather,
    snapshotEvery: plan.snapshotEvery,
    watchers: [trace, ...checkers.watchers, reporters],
  });
  sim.network = network;
  const dice = makeDice(seed ^ 0x5eed);
  return { plan, genesis, book, network, checkers, trace, dice, mutation, honest: names, isFaulty: true };
}

/** What the dishonest validators of a run have lost of their stake, together. */
function lostByByzantine(run: Run): bigint {
  const state = newestState(run);
  if (state === undefined) return 0n;
  return run.plan.validators.filter(({ misdeed }) => misdeed !== undefined).reduce((sum, { name, stake }) => {
    const left = stakeOf(state, "validator", run.book.signer(name).address);
    return sum + stake * run.genesis.params.minValidatorStake - left.amount - unbondingOf(left);
  }, 0n);
}

/** One run, and what dishonest validators lost in it. */
export interface ConsensusRun extends RunResult {
  readonly slashed: bigint;
  /** How many were punished on proof of what they had signed. That all were of whom somebody honest had a proof is a promise of the run. */
  readonly punished: number;
}

/** Runs the scenario under one seed, with a plan that meets a wish. */
export function runWish(seed: number, wish: PlanWish, mutation?: Mutation): ConsensusRun {
  const run = prepare(seed, wish, mutation);
  const { plan, network, trace, checkers } = run;
  const failure = withVerification(mutation?.verification ?? "once", () => {
    try {
      play(run);
      return undefined;
    } catch (thrown) {
      if (!(thrown instanceof PromiseBroken)) throw thrown;
      const { invariant, message } = thrown;
      return { invariant, message, trace: trace.lines() };
    }
  });
  const height = [...checkers.agreement.chain.keys()].reduce((most, at) => at > most ? at : most, 0n);
  return {
    seed,
    description: describePlan(plan),
    failure,
    virtualMs: network.now,
    height,
    digest: trace.digest(),
    slashed: lostByByzantine(run),
    punished: checkers.states.punished.size,
  };
}

/** Runs the scenario under one seed. */
export function runConsensus(seed: number, mutation?: Mutation): RunResult {
  const { slashed: _slashed, punished: _punished, ...result } = runWish(seed, mutation?.wish ?? {}, mutation);
  return result;
}
