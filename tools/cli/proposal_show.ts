/**
 * `assay proposal show`: one proposal.
 *
 * @module
 */
import type { Command } from "./command.ts";
import { connect, HOME_OPTION } from "./connect.ts";
import { changeText, findProposal } from "./proposal_text.ts";
import { amountOf, fieldLines, textOf } from "./show.ts";

/** See the module. */
export const proposalShowCommand: Command = {
  name: "proposal show",
  summary: "Shows a proposal. The first digits of its id are enough.",
  positional: ["ID"],
  options: { ...HOME_OPTION, json: { kind: "flag", description: "print the node's answer as JSON" } },
  async run(args) {
    const proposal = await findProposal(await connect(args), args.positional[0] ?? "");
    if (args.flag("json")) {
      console.log(JSON.stringify(proposal, null, 2));
      return 0;
    }
    console.log(
      fieldLines([
        ["id", textOf(proposal["id"])],
        ["title", textOf(proposal["title"])],
        ["change", changeText(proposal["change"])],
        ["status", textOf(proposal["status"])],
        ["proposer", textOf(proposal["proposer"])],
        ["proposed at", textOf(proposal["proposedAt"])],
        ["voting ends at", textOf(proposal["votingEnds"])],
        ["executes at", textOf(proposal["executesAt"])],
        ["deposit", amountOf(proposal["deposit"])],
        ["electorate", amountOf(proposal["electorate"])],
        ["for, against", `${amountOf(proposal["approving"])}, ${amountOf(proposal["opposing"])}`],
      ]).join("\n"),
    );
    return 0;
  },
};
