/**
 * `assay proposal vote`: a validator says yes or no, once.
 *
 * @module
 */
import { ToolError } from "../errors.ts";
import type { Command } from "./command.ts";
import { connect, HOME_OPTION } from "./connect.ts";
import { operate } from "./operate.ts";
import { findProposal } from "./proposal_text.ts";
import { textOf } from "./show.ts";

/** See the module. */
export const proposalVoteCommand: Command = {
  name: "proposal vote",
  summary: "Votes on a proposal in the name of the node's account, a validator. A vote is not changed.",
  positional: ["ID", "yes|no"],
  options: { ...HOME_OPTION },
  async run(args) {
    const [prefix = "", answer = ""] = args.positional;
    if (answer !== "yes" && answer !== "no") {
      throw new ToolError("usage", `A vote is yes or no: got "${answer}".`);
    }
    const client = await connect(args);
    const { id, title } = await findProposal(client, prefix);
    await operate(
      client,
      { kind: "vote_on_proposal", proposal: textOf(id), approve: answer === "yes" },
      `Voted ${answer} on "${textOf(title)}"`,
    );
    return 0;
  },
};
