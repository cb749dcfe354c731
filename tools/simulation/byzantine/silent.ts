/**
 * Validators that break no rule in what they sign, only in what they leave unsaid or say too late.
 *
 * @module
 */
import type { ReplicaEffect } from "../../../ledger/node/mod.ts";
import type { Twist } from "../behaviour.ts";

/** Sends only to some peers, each time others, and answers few questions. */
export const withholder: Twist = (seat, plain) => {
  const told = seat.dice.between(0, 0.7);
  return {
    step: (input) =>
      plain.step(input).flatMap((effect): readonly ReplicaEffect[] => {
        if (effect.kind === "publish") return [];
        if (effect.kind !== "send") return [effect];
        return [{ ...effect, to: effect.to.filter(() => seat.dice.chance(told)) }];
      }),
    answer: (request) => seat.dice.chance(told) ? plain.answer(request) : undefined,
  };
};

/** Messages that an outdated validator can say again. */
const REMEMBERED = 200;

/** Says again, at any time, what it said long ago. */
export const outdated: Twist = (seat, plain) => {
  const said: ReplicaEffect[] = [];
  return {
    ...plain,
    step(input) {
      const effects = plain.step(input);
      for (const effect of effects) if (effect.kind === "send" && said.length < REMEMBERED) said.push(effect);
      const old = seat.dice.chance(0.1) ? seat.dice.any(said) : undefined;
      return old === undefined ? effects : [...effects, old];
    },
  };
};
