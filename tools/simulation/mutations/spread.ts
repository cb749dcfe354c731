/**
 * Mutations of what leaves a node, and when.
 *
 * @module
 */
import type { ReplicaEffect, ReplicaTimer } from "../../../ledger/node/mod.ts";
import type { Twist } from "../behaviour.ts";
import type { Mutation } from "./mutation.ts";

function withoutEffects(isDropped: (effect: ReplicaEffect) => boolean): Twist {
  return (_seat, plain) => ({
    ...plain,
    step: (input) => plain.step(input).filter((effect) => !isDropped(effect)),
  });
}

function withoutTimers(isDropped: (timer: ReplicaTimer) => boolean): Twist {
  return withoutEffects((effect) => effect.kind === "set_timer" && isDropped(effect.timer));
}

const sendFirst: Twist = (_seat, plain) => ({
  ...plain,
  step(input) {
    const effects = plain.step(input);
    const isWrite = (effect: ReplicaEffect) => effect.kind === "persist";
    return [...effects.filter((effect) => !isWrite(effect)), ...effects.filter(isWrite)];
  },
});

/** See the module. */
export const spreadMutations: readonly Mutation[] = [
  {
    name: "ignore_equivocation",
    breaks: "a validator that signs twice is reported",
    withinSeeds: 5,
    wish: { validators: 4, equalStakes: true, misdeeds: ["equivocator"] },
    twist: withoutEffects((effect) => effect.kind === "equivocation"),
  },
  {
    name: "send_before_fsync",
    breaks: "a vote is on disk before it is sent",
    withinSeeds: 20,
    wish: { validators: 4, diskTrouble: 0.1, isStormy: true },
    twist: sendFirst,
  },
  {
    name: "never_give_up",
    breaks: "a view whose time is up is nullified",
    withinSeeds: 5,
    wish: { validators: 4, equalStakes: true, misdeeds: ["nullify_only"] },
    twist: withoutTimers((timer) => timer.name === "view" && timer.timer.name !== "retry"),
  },
  {
    name: "never_repeat",
    breaks: "a node whose view does not end says again what may have been lost, and asks around",
    withinSeeds: 10,
    wish: { validators: 4, isStormy: true },
    twist: withoutTimers((timer) =>
      timer.name === "poll" || timer.name === "view" && timer.timer.name === "retry"
    ),
  },
  {
    name: "never_ask",
    breaks: "a node asks for blocks and certificates that it lacks",
    withinSeeds: 5,
    wish: { validators: 4, isStormy: true, crashes: 6 },
    twist: withoutEffects((effect) => effect.kind === "request"),
  },
];
