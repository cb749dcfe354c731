/**
 * Whether what a result put out can be had, in plain words.
 *
 * @module
 */
import { fieldsOf } from "../api/client.ts";
import type { Json } from "../api/json.ts";
import { listOf, textOf } from "./show.ts";

type Fields = Readonly<Record<string, Json>>;

function count(items: number, one: string, many = `${one}s`): string {
  return `${items} ${items === 1 ? one : many}`;
}

function stageText({ stage, deadline, draws, seats }: Fields): string {
  const certified = listOf(seats).filter((seat) => fieldsOf(seat)["certified"] === true).length;
  const of = `${certified} of ${count(listOf(seats).length, "member")}`;
  switch (stage) {
    case "sealed":
      return "not public yet: auditors come first";
    case "draw":
      return `a committee is drawn at height ${textOf(deadline)}`;
    case "certify":
      return `committee ${
        textOf(draws)
      }: ${of} certified that they hold the output; the others have until height ${textOf(deadline)}`;
    case "held":
      return `held: ${of} of the committee certified that they hold the whole output`;
    case "unheld":
      return "nobody certified that they hold the output: the result will not be paid";
    default:
      return "not certified: there was nobody to be drawn";
  }
}

/** The place of a demanded chunk. */
function placeText(value: Json): string {
  const demand = fieldsOf(value), what = fieldsOf(demand["what"]);
  const where = Object.entries(what).filter(([name]) => name !== "kind").map(([name, at]) =>
    `${name} ${textOf(at)}`
  );
  return [`${textOf(what["kind"])}`, ...where, `chunk ${textOf(demand["chunk"])}`].join(", ");
}

/** Fields to show of a result's availability; none before there is a result. */
export function availabilityFields(
  availability: Json | undefined,
): readonly (readonly [name: string, value: string])[] {
  if (availability === null || availability === undefined) return [];
  const fields = fieldsOf(availability);
  const answered = listOf(fields["answered"]);
  return [
    ["availability", stageText(fields)],
    ...listOf(fields["demands"]).map((demand) =>
      [
        "  demanded",
        `${placeText(demand)}; who must serve it loses at height ${textOf(fieldsOf(demand)["deadline"])}`,
      ] as const
    ),
    ...answered.map((answer) =>
      [
        "  shown",
        `${placeText(answer)}, in the block of height ${textOf(fieldsOf(answer)["height"])}`,
      ] as const
    ),
  ];
}
