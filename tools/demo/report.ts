/**
 * What the demo promises, held against what happened. `deno task demo --json` prints a {@link DemoReport}.
 *
 * @module
 */

/** A task as it ended. Amounts and ids are text, because JSON numbers end at 2^53. */
export interface TaskReport {
  readonly id: string;
  readonly kind: "train" | "infer";
  readonly status: string;
  /** Name and value of the program's metric; null for a program without one. */
  readonly metric: string | null;
  readonly value: number | null;
  /** Name of the node whose result became final. */
  readonly provider: string | null;
}

/** A dispute as it ended. What it did not come to is null. */
export interface DisputeReport {
  readonly guilty: string | null;
  readonly rounds: number;
  readonly step: number | null;
  readonly node: string | null;
  /** The 64 KiB chunk of what the node put out. */
  readonly chunk: number | null;
  /** The element of it, and the block of 256 terms of its sum, where a chunk is too dear to be judged. */
  readonly element: number | null;
  readonly block: number | null;
  /** Taken from the guilty one, in the smallest unit. */
  readonly slashed: string;
}

/** Supply of the token in the smallest unit. `now = genesis + issued - burned`: what all accounts have, and what is locked. */
export interface SupplyReport {
  readonly genesis: string;
  readonly issued: string;
  readonly burned: string;
  readonly now: string;
  /** What the ledger keeps for others, mostly deposits for records, which come back when these have grown old. */
  readonly locked: string;
}

/** What an account held before and after: balance and stakes together, in the smallest unit. */
export interface AccountReport {
  readonly name: string;
  readonly role: string;
  readonly before: string;
  readonly after: string;
}

/** The outcome of the demo. */
export interface DemoReport {
  /** Whether everything promised happened; `broken` lists what did not. */
  readonly ok: boolean;
  readonly broken: readonly string[];
  readonly seconds: number;
  readonly tasks: readonly TaskReport[];
  readonly disputes: readonly DisputeReport[];
  readonly supply: SupplyReport;
  readonly accounts: readonly AccountReport[];
}

/** What the demo promises about its cast. */
export interface Promises {
  /** Name of the cheating provider, and the least metric of the training task. */
  readonly cheater: string;
  readonly threshold: number;
}

function check(holds: boolean, sentence: string): readonly string[] {
  return holds ? [] : [sentence];
}

/** The sentences of what was promised and did not happen; none if all is well. Recomputed from the report's figures alone. */
export function brokenPromises(
  { tasks, disputes, supply, accounts }: Omit<DemoReport, "ok" | "broken" | "seconds">,
  { cheater, threshold }: Promises,
): readonly string[] {
  const gain = (name: string) => {
    const account = accounts.find((candidate) => candidate.name === name);
    return account === undefined ? 0n : BigInt(account.after) - BigInt(account.before);
  };
  const training = tasks.find(({ kind }) => kind === "train");
  const caught = disputes.filter(({ guilty }) => guilty === cheater);
  const paid = [...new Set(tasks.map(({ provider }) => provider))].filter((name) => name !== null);
  const { genesis, issued, burned, now, locked } = supply;
  const accountsSum = accounts.reduce((sum, { after }) => sum + BigInt(after), 0n);
  return [
    ...check(
      tasks.length === 2 && tasks.every(({ status }) => status === "done"),
      "Not both tasks were done.",
    ),
    ...check((training?.value ?? 0) >= threshold, `The model did not reach ${threshold}.`),
    ...check(training?.provider !== cheater, "The cheater was paid for the training."),
    ...check(caught.length > 0, "The cheater was not found guilty."),
    ...check(caught.some(({ slashed }) => BigInt(slashed) > 0n), "The cheater was not slashed."),
    ...check(caught.some(({ node }) => node !== null), "No operator was pinned."),
    // Of two challengers who dispute the same lie, the slower one's dispute may end with nobody's guilt.
    ...check(
      disputes.every(({ guilty }) => guilty === cheater || guilty === null),
      "Somebody honest was found guilty.",
    ),
    ...check(gain(cheater) < 0n, "The cheater did not lose."),
    ...check(paid.every((name) => gain(name) > 0n), "A provider whose work was accepted was not paid."),
    ...check(
      BigInt(now) === BigInt(genesis) + BigInt(issued) - BigInt(burned),
      "The supply is not conserved.",
    ),
    ...check(accountsSum + BigInt(locked) === BigInt(now), "The accounts do not add up to the supply."),
  ];
}
