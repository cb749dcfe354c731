/**
 * Names the engines that the sender executes programs with as an auditor or arbiter, in place of those it named before.
 *
 * @module
 */
import { type Infer, record } from "../primitives/mod.ts";
import { canAct, EngineNames, namedEngines } from "../state/mod.ts";
import { type OperationRule, reject } from "./operation.ts";

/** See the module. */
export const NameEngines = record("NameEngines", { engines: EngineNames });
/** See {@link NameEngines}. */
export type NameEngines = Infer<typeof NameEngines>;

/** The rule of {@link NameEngines}. */
export const nameEnginesRule: OperationRule<NameEngines> = {
  weight: 1n,
  rejects: ["bad_engines", "not_drawable"],
  check(state, context, { engines }) {
    if (engines.length === 0 || engines.some((engine) => engine === "")) {
      return reject("bad_engines", "Name at least one engine, and none with an empty name.");
    }
    const { sender } = context;
    if (canAct(state, context, "challenger", sender) || canAct(state, context, "arbiter", sender)) {
      return null;
    }
    return reject(
      "not_drawable",
      "Only challengers and arbiters in good standing are drawn to execute. Stake for a role first.",
    );
  },
  apply(state, { sender, emit }, { engines }) {
    namedEngines.put(state, sender, engines);
    emit({ kind: "engines_named", account: sender, detail: engines.join(" ") });
  },
};
