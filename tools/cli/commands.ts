/**
 * Every command of `assay`, by name. Each is loaded when it is asked for: `assay status` must not wait for what `assay demo` needs.
 *
 * @module
 */
import type { Command } from "./command.ts";

/** A command's name, and how to get at it. */
export interface CommandEntry {
  /** One or two words, as they stand on the command line. */
  readonly name: string;
  load(): Promise<Command>;
}

/** In the order in which the help lists them. */
export const COMMANDS: readonly CommandEntry[] = [
  { name: "demo", load: async () => (await import("../demo/demo_command.ts")).demoCommand },
  { name: "node", load: async () => (await import("../node/node_command.ts")).nodeCommand },
  { name: "devnet", load: async () => (await import("../testnet/devnet_command.ts")).devnetCommand },
  { name: "status", load: async () => (await import("./status.ts")).statusCommand },
  { name: "account", load: async () => (await import("./account.ts")).accountCommand },
  { name: "transfer", load: async () => (await import("./transfer.ts")).transferCommand },
  { name: "stake", load: async () => (await import("./stake.ts")).stakeCommand },
  { name: "unstake", load: async () => (await import("./stake.ts")).unstakeCommand },
  { name: "params", load: async () => (await import("./params.ts")).paramsCommand },
  { name: "proposal new", load: async () => (await import("./proposal_new.ts")).proposalNewCommand },
  { name: "proposal list", load: async () => (await import("./proposal_list.ts")).proposalListCommand },
  { name: "proposal show", load: async () => (await import("./proposal_show.ts")).proposalShowCommand },
  { name: "proposal vote", load: async () => (await import("./proposal_vote.ts")).proposalVoteCommand },
  { name: "checkpoint", load: async () => (await import("./checkpoint.ts")).checkpointCommand },
  { name: "light", load: async () => (await import("./light.ts")).lightCommand },
  { name: "task post", load: async () => (await import("./task_post.ts")).taskPostCommand },
  { name: "task list", load: async () => (await import("./task_list.ts")).taskListCommand },
  { name: "task show", load: async () => (await import("./task_show.ts")).taskShowCommand },
  { name: "task watch", load: async () => (await import("./task_watch.ts")).taskWatchCommand },
  { name: "task match", load: async () => (await import("./task_match.ts")).taskMatchCommand },
  { name: "task fetch", load: async () => (await import("./task_fetch.ts")).taskFetchCommand },
  { name: "task proof", load: async () => (await import("./task_proof.ts")).taskProofCommand },
  { name: "verify", load: async () => (await import("./verify.ts")).verifyCommand },
  { name: "task cancel", load: async () => (await import("./task_cancel.ts")).taskCancelCommand },
  { name: "run", load: async () => (await import("../local/run_command.ts")).runCommand },
  { name: "train", load: async () => (await import("../local/train_command.ts")).trainCommand },
  { name: "example", load: async () => (await import("./example.ts")).exampleCommand },
  { name: "economics", load: async () => (await import("./economics.ts")).economicsCommand },
  { name: "key new", load: async () => (await import("./key.ts")).keyNewCommand },
  { name: "key show", load: async () => (await import("./key.ts")).keyShowCommand },
  { name: "key restore", load: async () => (await import("./key.ts")).keyRestoreCommand },
  { name: "genesis new", load: async () => (await import("./genesis_new.ts")).genesisNewCommand },
];

/** A command found on a command line, and the words after its name. */
export interface FoundCommand {
  readonly entry: CommandEntry;
  readonly words: readonly string[];
}

/** The command that the first words name; `undefined` if they name none. */
export function findCommand(words: readonly string[]): FoundCommand | undefined {
  const [first = "", second = ""] = words;
  const entry = COMMANDS.find(({ name }) => name === `${first} ${second}`) ??
    COMMANDS.find(({ name }) => name === first);
  return entry && { entry, words: words.slice(entry.name.split(" ").length) };
}

/** Commands that begin with a word, such as all of `task`. */
export function commandsOfGroup(word: string): readonly CommandEntry[] {
  return COMMANDS.filter(({ name }) => name.startsWith(`${word} `));
}
