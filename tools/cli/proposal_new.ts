/**
 * `assay proposal new`: proposes to change parameters or to upgrade the protocol.
 *
 * @module
 */
import type { Json } from "../api/json.ts";
import { ToolError } from "../errors.ts";
import type { Arguments, Command } from "./command.ts";
import { connect, HOME_OPTION } from "./connect.ts";
import { operate } from "./operate.ts";

function whole(text: string, what: string): string {
  if (/^\d{1,20}$/.test(text)) return text;
  throw new ToolError("usage", `${what} takes a whole number: got "${text}".`);
}

function changeOf(args: Arguments): Json {
  const set = args.list("set"), version = args.text("upgrade"), height = args.text("at");
  if ((set.length > 0) === (version !== undefined)) {
    throw new ToolError("usage", "Propose either --set NAME=VALUE or --upgrade VERSION --at HEIGHT.");
  }
  if (version !== undefined) {
    if (height === undefined) throw new ToolError("usage", "--upgrade needs --at HEIGHT.");
    return {
      upgrade: { version: Number(whole(version, "--upgrade")), height: whole(height, "--at") },
    };
  }
  const values = set.map((text) => {
    const [name = "", value = ""] = text.split("=");
    return [name, whole(value, `--set ${name}`)] as const;
  });
  return { params: Object.fromEntries(values) };
}

/** See the module. */
export const proposalNewCommand: Command = {
  name: "proposal new",
  summary: "Proposes a change in the name of the node's account, a validator. Takes a deposit.",
  positional: ["TITLE"],
  options: {
    ...HOME_OPTION,
    set: {
      kind: "list",
      value: "NAME=VALUE",
      description: "a parameter and its new value, see `assay params`; may be given again",
    },
    upgrade: { kind: "text", value: "VERSION", description: "protocol version to upgrade to" },
    at: { kind: "text", value: "HEIGHT", description: "first height of the upgrade: the first of an epoch" },
  },
  async run(args) {
    const [title = ""] = args.positional;
    const change = changeOf(args);
    await operate(await connect(args), { kind: "propose", title, change }, `Proposed "${title}"`);
    console.log("See `assay proposal list` for its id, and vote with `assay proposal vote ID yes`.");
    return 0;
  },
};
