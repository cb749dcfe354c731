/**
 * The market: the network's front desk. It checks programs before money is put on them, keeps the view of offers and tasks, and
 * explains why a task finds no provider. It decides nothing: matching is the ledger's.
 *
 * @module
 */
import { decode, encode, type Hash, parseAddress } from "../../ledger/primitives/mod.ts";
import { type DutyResult, type DutyState, type DutyTimes, makeDutyActor } from "../duties/mod.ts";
import { type Activity, type Actor, ActorError, type ActorId } from "../runtime/mod.ts";
import { makeProgramAccess, short, type WorkPowers } from "../work/mod.ts";
import { checkProgram } from "./check_program.ts";
import { MarketAnswer, MarketQuestion } from "./protocol.ts";

/** Makes a market. */
export function makeMarket(powers: WorkPowers, times?: DutyTimes): Actor<DutyState, DutyResult> {
  const { ledger } = powers;
  const programs = makeProgramAccess(powers);

  const explain = async (task: Hash, activity: Activity): Promise<MarketAnswer> => {
    const offers = await ledger.query("explainMatch", task, activity);
    if (offers === undefined) throw new ActorError("refused", `There is no task ${short(task)}.`);
    return { kind: "explanation", offers };
  };

  const respond = async (
    from: ActorId,
    question: MarketQuestion,
    activity: Activity,
  ): Promise<MarketAnswer> => {
    switch (question.kind) {
      case "check":
        return await checkProgram(powers, programs, question, parseAddress(from.peer), activity);
      case "offers": {
        const offers = await ledger.query("offers", null, activity);
        return {
          kind: "offers",
          offers: offers.map(({ listed, reputationPpm, ...offer }) => ({ offer, listed, reputationPpm })),
        };
      }
      case "tasks": {
        const { status, before, limit } = question;
        const filter = {
          limit,
          ...(status === null ? {} : { status }),
          ...(before === null ? {} : { before }),
        };
        return { kind: "tasks", tasks: await ledger.query("tasks", filter, activity) };
      }
      case "explain":
        return await explain(question.task, activity);
    }
  };

  return makeDutyActor({
    look: () => Promise.resolve([]), // the ledger asks nothing of a market
    answer: async (from, body, activity) =>
      encode(MarketAnswer, await respond(from, decode(MarketQuestion, body), activity)),
  }, times);
}
