import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import { assertThrows } from "@std/assert/throws.js";
import {
  ConsensusError,
  type ConsensusRecord,
  isOver,
  restore,
  verifyEquivocation,
  type Vote,
} from "../../../ledger/consensus/mod.ts";
import { chainId, createBench, kindsOf, proposalOf, timeouts, votesCast } from "./bench_core.ts";

/** A bench whose core, validator 0, does not lead the first views, so that it only answers to others. */
function follower(lastHeight = 100n) {
  const views = [1n, 2n, 3n, 4n, 5n, 6n];
  for (let seed = 0;; seed++) {
    const bench = createBench({ lastHeight, seed });
    if (views.every((view) => bench.leader(view) !== 0)) {
      return { bench, give: bench.give, others: [1, 2, 3] };
    }
  }
}

const nullify = (view: bigint): Vote => ({ kind: "nullify", epoch: 0n, view });

Deno.test("rule 1: the leader builds on the highest certified view with all later ones nullified", () => {
  const own = createBench().leader(2n);
  const bench = createBench({ own });
  const first = bench.candidate(1n);
  bench.give({ kind: "start" });
  if (bench.leader(1n) !== own) {
    bench.give(bench.propose(first));
    bench.give({ kind: "verified", block: first.block, valid: true });
  }
  const effects = bench.give({ kind: "certificate", certificate: bench.certificate(nullify(1n)) });
  const build = effects.find((effect) => effect.kind === "build");
  assertEquals(build, {
    kind: "build",
    view: 2n,
    parentView: 0n,
    parent: bench.core.final.block,
    height: 1n,
  });
  const block = bench.candidate(2n);
  const proposed = bench.give({ kind: "built", candidate: block });
  assertEquals(kindsOf(proposed).slice(0, 2), ["persist", "broadcast_proposal"]);
});

Deno.test("rule 2: the first valid proposal of the view is notarized, once", () => {
  const { give, bench } = follower();
  give({ kind: "start" });
  const block = bench.candidate(1n);
  assertEquals(kindsOf(give(bench.propose(block))), ["verify"]);
  const effects = give({ kind: "verified", block: block.block, valid: true });
  assertEquals(kindsOf(effects), ["persist", "broadcast_vote"]);
  assertEquals(votesCast(effects), ["notarize 1"]);
  const other = bench.candidate(1n, undefined, "other");
  give(bench.propose(other));
  assertEquals(votesCast(give({ kind: "verified", block: other.block, valid: true })), []);
});

Deno.test("rule 2: a proposal over a gap waits for the nullifications in between, which its proposer is asked for", () => {
  const { give, bench } = follower();
  give({ kind: "start" });
  // View 2 was nullified, and view 1 neither notarized nor nullified as far as this node knows.
  give({ kind: "certificate", certificate: bench.certificate(nullify(2n)) });
  const block = bench.candidate(3n);
  const effects = give(bench.propose(block));
  assertEquals(effects, [{ kind: "fetch_certificates", from: 1n, to: 2n, holders: [bench.leader(3n)] }]);
  const repaired = give({ kind: "certificate", certificate: bench.certificate(nullify(1n)) });
  assert(kindsOf(repaired).includes("verify"));
  assertEquals(votesCast(give({ kind: "verified", block: block.block, valid: true })), ["notarize 3"]);
});

Deno.test("rule 2: a proposal that is not by the leader, or does not fit its parent, is not notarized", () => {
  const { give, bench, others } = follower();
  give({ kind: "start" });
  const block = bench.candidate(1n);
  const impostor = others.find((i) => i !== bench.leader(1n)) ?? 0;
  const vote = bench.signed(impostor, { kind: "notarize", proposal: proposalOf(block) });
  assertEquals(kindsOf(give({ kind: "proposal", vote, candidate: block })), ["fault"]);
  assertEquals(votesCast(give(bench.propose({ ...block, height: 2n }))), ["nullify 1"]);
});

Deno.test("rule 3: a view is nullified on timeout, on an invalid block, and when its leader nullifies it", () => {
  const onTimeout = follower();
  onTimeout.give({ kind: "start" });
  assertEquals(votesCast(onTimeout.give({ kind: "timer", timer: { name: "leader", view: 1n } })), [
    "nullify 1",
  ]);
  assertEquals(votesCast(onTimeout.give({ kind: "timer", timer: { name: "advance", view: 1n } })), []);

  const onInvalid = follower();
  onInvalid.give({ kind: "start" });
  const block = onInvalid.bench.candidate(1n);
  onInvalid.give(onInvalid.bench.propose(block));
  assertEquals(votesCast(onInvalid.give({ kind: "verified", block: block.block, valid: false })), [
    "nullify 1",
  ]);

  const onLeader = follower();
  onLeader.give({ kind: "start" });
  const effects = onLeader.give(onLeader.bench.vote(onLeader.bench.leader(1n), nullify(1n)));
  assertEquals(votesCast(effects), ["nullify 1"]);
});

Deno.test("rule 3: the leader's timer does nothing once there is a proposal, the view's timer does", () => {
  const { give, bench } = follower();
  give({ kind: "start" });
  const block = bench.candidate(1n);
  give(bench.propose(block));
  give({ kind: "verified", block: block.block, valid: true });
  assertEquals(votesCast(give({ kind: "timer", timer: { name: "leader", view: 1n } })), []);
  assertEquals(votesCast(give({ kind: "timer", timer: { name: "advance", view: 1n } })), ["nullify 1"]);
});

Deno.test("rule 4: a notarized block that is not held is fetched, not judged; once valid, the view is finalized and left", () => {
  const { give, bench } = follower();
  give({ kind: "start" });
  const block = bench.candidate(1n);
  const certificate = bench.certificate({ kind: "notarize", proposal: proposalOf(block) }, [1, 2, 3]);
  const pending = give({ kind: "certificate", certificate });
  assertEquals(kindsOf(pending), ["persist", "broadcast_certificate", "fetch_block"]);
  assertEquals(bench.core.view, 1n);
  assertEquals(kindsOf(give({ kind: "block", candidate: block })), ["verify"]);
  const effects = give({ kind: "verified", block: block.block, valid: true });
  assertEquals(votesCast(effects), ["finalize 1"]);
  assertEquals(bench.core.view, 2n);
});

Deno.test("rule 4: who nullified a view, or saw its leader sign twice, does not finalize it", () => {
  const nullified = follower();
  nullified.give({ kind: "start" });
  const block = nullified.bench.candidate(1n);
  nullified.give(nullified.bench.propose(block));
  nullified.give({ kind: "verified", block: block.block, valid: true });
  nullified.give({ kind: "timer", timer: { name: "advance", view: 1n } });
  const notarization = nullified.bench.certificate({ kind: "notarize", proposal: proposalOf(block) });
  assertEquals(votesCast(nullified.give({ kind: "certificate", certificate: notarization })), []);
  assertEquals(nullified.bench.core.view, 2n);

  const twofold = follower();
  twofold.give({ kind: "start" });
  twofold.give(twofold.bench.propose(block));
  twofold.give({ kind: "verified", block: block.block, valid: true });
  twofold.give(twofold.bench.propose(twofold.bench.candidate(1n, undefined, "other")));
  assertEquals(votesCast(twofold.give({ kind: "certificate", certificate: notarization })), []);
});

Deno.test("rule 5: a view ends by nullification too, and a later certificate jumps over many", () => {
  const { give, bench } = follower();
  give({ kind: "start" });
  give({ kind: "certificate", certificate: bench.certificate(nullify(1n)) });
  assertEquals(bench.core.view, 2n);
  give({ kind: "certificate", certificate: bench.certificate(nullify(1_000n)) });
  assertEquals(bench.core.view, 1_001n);
  give({ kind: "certificate", certificate: bench.certificate(nullify(500n)) });
  assertEquals(bench.core.view, 1_001n);
});

Deno.test("rule 6: a finalization finalizes its ancestors; an invalid finalized block stops the node", () => {
  const { give, bench } = follower();
  give({ kind: "start" });
  const first = bench.candidate(1n), second = bench.candidate(2n, first);
  const certificate = bench.certificate({ kind: "finalize", proposal: proposalOf(second) });
  assert(kindsOf(give({ kind: "certificate", certificate })).includes("fetch_block"));
  assertEquals(kindsOf(give({ kind: "block", candidate: second })), ["fetch_block"]);
  assertEquals(kindsOf(give({ kind: "block", candidate: first })), ["verify"]);
  assertEquals(kindsOf(give({ kind: "verified", block: first.block, valid: true })), ["verify"]);
  const effects = give({ kind: "verified", block: second.block, valid: true });
  assert(effects.some((effect) => effect.kind === "finalized" && effect.proposal.height === 2n));
  assertEquals(bench.core.final, { view: 2n, block: second.block, height: 2n });

  const wrong = follower();
  wrong.give({ kind: "start" });
  wrong.give({ kind: "certificate", certificate });
  wrong.give({ kind: "block", candidate: second });
  wrong.give({ kind: "block", candidate: first });
  const thrown = assertThrows(
    () => wrong.give({ kind: "verified", block: first.block, valid: false }),
    ConsensusError,
  );
  assertEquals(thrown.code, "invariant_violated");
});

Deno.test("rule 7: a certificate is broadcast once, formed or received, before its block is held", () => {
  const { give, bench, others } = follower();
  give({ kind: "start" });
  const vote: Vote = { kind: "notarize", proposal: proposalOf(bench.candidate(1n)) };
  const formed = others.map((i) => give(bench.vote(i, vote)));
  assertEquals(formed.map((effects) => kindsOf(effects).includes("broadcast_certificate")), [
    false,
    false,
    true,
  ]);
  assertEquals(give({ kind: "certificate", certificate: bench.certificate(vote) }), []);
});

Deno.test("rule 8: a stalled node repeats its votes and certificates at growing intervals", () => {
  const { give, bench } = follower();
  give({ kind: "start" });
  give({ kind: "certificate", certificate: bench.certificate(nullify(1n)) });
  give({ kind: "timer", timer: { name: "leader", view: 2n } });
  const delays = [1, 2, 3].map(() => {
    const effects = give({ kind: "timer", timer: { name: "retry", view: 2n } });
    assertEquals(votesCast(effects), ["nullify 2"]);
    assertEquals(kindsOf(effects).filter((kind) => kind === "broadcast_certificate").length, 1);
    const timer = effects.find((effect) => effect.kind === "set_timer");
    return timer?.kind === "set_timer" ? timer.afterMs : 0;
  });
  assertEquals(delays, [300, 600, timeouts.maxMs]);
});

Deno.test("rule 9: on the certified boundary block only that block is proposed again; final, the epoch is over", () => {
  const { give, bench } = follower(1n);
  give({ kind: "start" });
  const block = bench.candidate(1n);
  give(bench.propose(block));
  give({ kind: "verified", block: block.block, valid: true });
  give({
    kind: "certificate",
    certificate: bench.certificate({ kind: "notarize", proposal: proposalOf(block) }),
  });
  assertEquals(bench.core.view, 2n);
  const beyond = bench.candidate(2n, block);
  assertEquals(votesCast(give(bench.propose(beyond))), ["nullify 2"]);

  const again = { ...proposalOf(block), view: 3n, parentView: 1n };
  give({ kind: "certificate", certificate: bench.certificate(nullify(2n)) });
  const vote = bench.signed(bench.leader(3n), { kind: "notarize", proposal: again });
  assertEquals(votesCast(give({ kind: "proposal", vote, candidate: block })), ["notarize 3"]);
  give({ kind: "certificate", certificate: bench.certificate({ kind: "finalize", proposal: again }) });
  assert(isOver(bench.core));
  assertEquals(give({ kind: "timer", timer: { name: "advance", view: 4n } }), []);
});

Deno.test("rule 10: votes beyond the window and of other epochs are dropped, certificates of any later view are not", () => {
  const { give, bench, others } = follower();
  const [peer = 0] = others;
  give({ kind: "start" });
  give(bench.vote(peer, nullify(33n)));
  give(bench.vote(peer, nullify(34n)));
  give(bench.vote(peer, { kind: "nullify", epoch: 1n, view: 1n }));
  assertEquals([...bench.core.rounds.keys()].filter((view) => view > 1n), [33n]);
  give({ kind: "certificate", certificate: bench.certificate(nullify(5_000n)) });
  assertEquals(bench.core.view, 5_001n);
});

Deno.test("rule 11: conflicting votes are evidence, once for each signer and view, and count once", () => {
  const { give, bench, others } = follower();
  const [peer = 0] = others;
  give({ kind: "start" });
  const vote = (label: string): Vote => ({
    kind: "notarize",
    proposal: proposalOf(bench.candidate(1n, undefined, label)),
  });
  give(bench.vote(peer, vote("a")));
  const effects = give(bench.vote(peer, vote("b")));
  const [found] = effects;
  assertEquals(kindsOf(effects), ["equivocation"]);
  const evidence = found?.kind === "equivocation" ? found.evidence : undefined;
  const proven = evidence === undefined
    ? undefined
    : verifyEquivocation(chainId, evidence.first, evidence.second, bench.validatorSet);
  assertEquals([proven?.fault, proven?.offender], [
    "notarized_twice",
    bench.validators.members[peer]?.address,
  ]);
  assertEquals(give(bench.vote(peer, vote("c"))), []);
  assertEquals(bench.core.rounds.get(1n)?.votes.notarize.size, 1);
});

Deno.test("rule 11: a second vote is evidence also in a proposal that was not its signer's to make", () => {
  const { give, bench, others } = follower();
  const impostor = others.find((i) => i !== bench.leader(1n)) ?? 0;
  give({ kind: "start" });
  const block = bench.candidate(1n), other = bench.candidate(1n, undefined, "other");
  give(bench.vote(impostor, { kind: "notarize", proposal: proposalOf(other) }));
  const vote = bench.signed(impostor, { kind: "notarize", proposal: proposalOf(block) });
  const effects = give({ kind: "proposal", vote, candidate: block });
  assertEquals(kindsOf(effects), ["equivocation", "fault"]);
  assertEquals(bench.core.rounds.get(1n)?.proposal, undefined);
});

Deno.test("rule 11: every pair of kinds is judged as the rules say", () => {
  const { bench, others } = follower();
  const [peer = 0] = others;
  const a = proposalOf(bench.candidate(1n)), b = proposalOf(bench.candidate(1n, undefined, "b"));
  const judge = (first: Vote, second: Vote) =>
    verifyEquivocation(chainId, bench.signed(peer, first), bench.signed(peer, second), bench.validatorSet)
      ?.fault;
  assertEquals(
    judge({ kind: "finalize", proposal: a }, { kind: "finalize", proposal: b }),
    "finalized_twice",
  );
  assertEquals(judge({ kind: "finalize", proposal: a }, nullify(1n)), "nullified_and_finalized");
  assertEquals(judge({ kind: "notarize", proposal: a }, nullify(1n)), undefined);
  assertEquals(judge({ kind: "notarize", proposal: a }, { kind: "finalize", proposal: b }), undefined);
  assertEquals(judge({ kind: "notarize", proposal: a }, { kind: "notarize", proposal: a }), undefined);
  assertEquals(judge({ kind: "finalize", proposal: a }, nullify(2n)), undefined);
  const first = bench.signed(peer, { kind: "finalize", proposal: a });
  const forged = { ...bench.signed(peer, nullify(1n)), signature: new Uint8Array(64) };
  assertEquals(verifyEquivocation(chainId, first, forged, bench.validatorSet), undefined);
  assertEquals(
    verifyEquivocation(new Uint8Array(32), first, bench.signed(peer, nullify(1n)), bench.validatorSet),
    undefined,
  );
});

Deno.test("rule 12: every own vote is persisted right before it is sent, and replay restores it", () => {
  const { give, bench } = follower();
  give({ kind: "start" });
  const block = bench.candidate(1n);
  give(bench.propose(block));
  const effects = give({ kind: "verified", block: block.block, valid: true });
  assertEquals(kindsOf(effects), ["persist", "broadcast_vote"]);
  const log: ConsensusRecord[] = effects.flatMap((effect) =>
    effect.kind === "persist" ? [effect.record] : []
  );

  const core = bench.forget();
  for (const record of log) restore(core, record);
  give({ kind: "start" });
  const other = bench.candidate(1n, undefined, "other");
  give(bench.propose(other));
  assertEquals(votesCast(give({ kind: "verified", block: other.block, valid: true })), []);
});

Deno.test("rule 13: timeouts double with every view beyond the second without finalization, up to the cap", () => {
  const { give, bench } = follower();
  give({ kind: "start" });
  const delays = [1n, 2n, 3n, 4n, 5n, 6n].map((view) => {
    const effects = give({ kind: "certificate", certificate: bench.certificate(nullify(view)) });
    const timer = effects.find((effect) => effect.kind === "set_timer" && effect.timer.name === "advance");
    return timer?.kind === "set_timer" ? timer.afterMs : 0;
  });
  assertEquals(delays, [200, 400, 800, 1_000, 1_000, 1_000]);
});

Deno.test("certificates one short of a quorum, with a stranger, a forged or a missing signature are refused", () => {
  const { give, bench } = follower();
  give({ kind: "start" });
  const good = bench.certificate(nullify(1n));
  const bad = [
    bench.certificate(nullify(1n), [0, 1]),
    { ...good, signers: new Uint8Array([0b10111]) },
    { ...good, signers: new Uint8Array([0b111, 0]) },
    { ...good, signatures: good.signatures.toReversed() },
    { ...good, signatures: good.signatures.slice(1) },
  ];
  const codes = bad.map((certificate) => {
    const [effect] = give({ kind: "certificate", certificate });
    return effect?.kind === "fault" ? effect.error.code : "accepted";
  });
  assertEquals(codes, ["no_quorum", "unknown_signer", "unknown_signer", "bad_signature", "unknown_signer"]);
  assertEquals(bench.core.view, 1n);
});
