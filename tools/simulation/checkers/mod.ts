/**
 * What must hold in every run, whatever the faults: checked on what nodes say and do, apart from the code that they run. Each
 * checker is a watcher of the network; what has been signed they take from the signers themselves.
 *
 * @module
 */
import { chainIdOf, type Genesis } from "../../../ledger/chain/mod.ts";
import type { SigningBook } from "../signing_book.ts";
import { PromiseBroken, type Watcher } from "../watcher.ts";
import { type AgreementChecker, checkAgreement } from "./agreement.ts";
import { checkCertificates } from "./certificates.ts";
import { checkEquivocators, type EquivocatorChecker } from "./equivocators.ts";
import { checkHonestVotes } from "./honest_votes.ts";
import { checkStates, type StateChecker } from "./ledger_state.ts";
import { type ValidatorSets, watchValidatorSets } from "./validator_sets.ts";

export { checkAgreement } from "./agreement.ts";

/** What the checkers are told. */
export interface Checked {
  readonly genesis: Genesis;
  readonly book: SigningBook;
  /** Hexadecimal addresses of the validators that may do anything. */
  readonly byzantine: ReadonlySet<string>;
  /** Names of the nodes that run the protocol. */
  readonly isHonest: (name: string) => boolean;
}

/** All checkers of consensus. */
export interface Checkers {
  readonly sets: ValidatorSets;
  readonly agreement: AgreementChecker;
  readonly states: StateChecker;
  readonly equivocators: EquivocatorChecker;
  /** All of them, to be passed to a network. */
  readonly watchers: readonly Watcher[];
}

/** Only of honest nodes is it asked what they finalize. */
function ofHonest(watcher: Watcher, isHonest: (name: string) => boolean): Watcher {
  return {
    finalized: (node, notice) => isHonest(node.name) && watcher.finalized?.(node, notice),
    adopted: (node, block) => isHonest(node.name) && watcher.adopted?.(node, block),
  };
}

/** Makes the checkers of one run. */
export function makeCheckers({ genesis, book, byzantine, isHonest }: Checked): Checkers {
  const chainId = chainIdOf(genesis);
  const sets = watchValidatorSets(genesis);
  const agreement = checkAgreement();
  const states = checkStates(genesis, sets, byzantine);
  const equivocators = checkEquivocators(chainId, book, sets, isHonest, byzantine);
  return {
    sets,
    agreement,
    states,
    equivocators,
    watchers: [
      ofHonest(agreement, isHonest),
      ofHonest(states, isHonest),
      checkCertificates(chainId, book, sets, isHonest),
      checkHonestVotes(chainId, book, sets, isHonest),
      equivocators,
      {
        blamed({ name }, peer, error) {
          if (isHonest(name) && isHonest(peer)) {
            throw new PromiseBroken("honest peers", `${name} blames ${peer}: ${error.message}`);
          }
        },
      },
    ],
  };
}
