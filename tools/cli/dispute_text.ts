/**
 * A dispute about a task's result, in plain words.
 *
 * @module
 */
import { fieldsOf } from "../api/client.ts";
import type { Json } from "../api/json.ts";
import { type NamedPlace, placeText } from "../terminal/dispute_place.ts";
import { amountOf, fieldLines, textOf } from "./show.ts";

type Fields = Readonly<Record<string, Json>>;

function placeOf(outcome: Fields): NamedPlace {
  const at = (name: string) => {
    const position = outcome[name];
    return typeof position === "number" ? position : null;
  };
  return {
    step: at("step"),
    tree: outcome["tree"] === "outputs" ? "outputs" : "nodes",
    node: at("node"),
    output: at("output"),
    chunk: at("chunk"),
    element: at("element"),
    block: at("block"),
  };
}

function stateText(dispute: Fields): string {
  if (dispute["outcome"] === null) return `running: ${textOf(fieldsOf(dispute["stage"])["kind"])}`;
  const outcome = fieldsOf(dispute["outcome"]), { guilty, reason, forfeited, appeal } = outcome;
  return [
    guilty === null ? "nobody guilty" : `guilty: ${textOf(guilty)}`,
    textOf(reason),
    placeText(placeOf(outcome)),
    `${amountOf(forfeited)} AIGENSYN taken`,
    ...(appeal === null ? [] : [`${textOf(appeal)} on appeal`]),
  ].join(", ");
}

/** Lines that show a dispute: whose, how far, and how it ended. */
export function disputeLines(value: Json): readonly string[] {
  const dispute = fieldsOf(value);
  return fieldLines([
    ["dispute", textOf(dispute["id"])],
    ["  challenger", textOf(dispute["challenger"])],
    ["  rounds", textOf(dispute["rounds"])],
    ["  outcome", stateText(dispute)],
  ]);
}
