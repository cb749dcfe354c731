/**
 * A member of the committee certifies that it holds what a result put out.
 *
 * @module
 */
import { equalBytes } from "../primitives/mod.ts";
import { type OperationRule, reject } from "../ops/mod.ts";
import { availabilityOf } from "./begin.ts";
import type { CertifyResult } from "./moves.ts";
import { availabilities, type Availability } from "./records.ts";
import { decide } from "./stages.ts";

/** Whether more than two thirds of the seats have certified. */
export function hasQuorum({ seats }: Pick<Availability, "seats">): boolean {
  return 3 * seats.filter(({ certified }) => certified).length > 2 * seats.length;
}

/** The rule of {@link CertifyResult}. */
export const certifyResultRule: OperationRule<CertifyResult> = {
  weight: 2n,
  rejects: ["not_committed", "wrong_stage", "not_a_certifier", "already_certified"],
  reserved: true,
  check(state, { sender }, { task }) {
    const availability = availabilities.get(state, task);
    if (availability === undefined) {
      return reject("not_committed", "This task has no result that could be certified.");
    }
    const { stage, seats, deadline } = availability;
    if (stage !== "certify") {
      return reject("wrong_stage", `The result's availability is "${stage}": nothing is certified now.`);
    }
    const seat = seats.find(({ member }) => equalBytes(member, sender));
    if (seat === undefined) {
      return reject("not_a_certifier", "The sender was not drawn to certify this result.");
    }
    return seat.certified
      ? reject("already_certified", `The sender has certified. Keep the blobs; others may until ${deadline}.`)
      : null;
  },
  apply(state, context, { task }) {
    const before = availabilityOf(state, task), { sender } = context;
    const seats = before.seats.map((seat) =>
      equalBytes(seat.member, sender) ? { ...seat, certified: true } : seat
    );
    const availability = { ...before, seats, certified: [...before.certified, sender] };
    context.emit({ kind: "result_certified", task, account: sender });
    if (seats.every(({ certified }) => certified)) decide(state, context, availability, "held");
    else availabilities.put(state, task, availability);
  },
};
