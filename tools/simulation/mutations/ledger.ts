/**
 * Mutations of the ledger's state.
 *
 * @module
 */
import { accounts, createDraft } from "../../../ledger/state/mod.ts";
import type { Twist } from "../behaviour.ts";
import type { Mutation } from "./mutation.ts";

/** One unit more on one account, in no total: the books of the state machine still agree with themselves. */
const mint: Twist = (seat, plain) => {
  const { replica } = seat;
  const { head, options: { genesis } } = replica;
  const [lucky] = genesis.accounts;
  const account = lucky === undefined ? undefined : accounts.get(head.state, lucky.address);
  if (head.height === 0n && lucky !== undefined && account !== undefined) {
    const draft = createDraft(head.state);
    accounts.put(draft, lucky.address, { ...account, balance: account.balance + 1n });
    replica.head = { ...head, state: draft.commit() };
  }
  return plain;
};

/** See the module. */
export const ledgerMutations: readonly Mutation[] = [
  {
    name: "mint",
    breaks: "no money comes from nowhere",
    withinSeeds: 1,
    wish: { validators: 4, misdeeds: [], diskTrouble: 0 },
    twist: mint,
  },
];
