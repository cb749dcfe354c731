/**
 * Every code with which an operation can be rejected, and what it means for whoever sent it. The message of a rejection says the
 * same with the values of the case. Codes are stable: programs act on them.
 *
 * @module
 */

/** What each code means and what to do about it. In alphabetical order. */
export const REJECTION_CODES = {
  already_certified: "The sender has certified this result already. Keep its blobs until the task has ended.",
  already_committed: "The sender has committed already. Reveal it in the next stage.",
  already_declared: "The engine is declared faulty already. Nothing is left to do.",
  already_demanded: "The chunk is demanded or answered already. The message says where it stands.",
  already_disputing: "The sender has a dispute of this result already. Play that one to its end.",
  already_punished: "The validator was punished for this epoch already. Nothing is left to report.",
  already_revealed: "The sender has revealed already. Nothing is left to do.",
  already_voted: "The validator has voted on this proposal already, and a vote is not changed.",
  bad_engines: "Engines are named by names that are not empty, at least one. Name them.",
  bad_metric_proof: "The metric is not proven in the final state. Open it from the state that was committed.",
  bad_offer: "The offer names no engine or a wrong number of slots. Correct the offer.",
  bad_program: "No run could follow the program. The message names the first rule that it breaks.",
  bad_proof_of_possession:
    "The proof does not show that the sender knows the key's secret. Make it for the sender's address.",
  bad_proposal: "The proposal changes nothing, or one thing twice. Name each parameter once.",
  bad_segment_proof:
    "The last segment is not proven under the run root. Prove it over all segment roots of the run.",
  bad_task: "The task cannot be done or measured as it stands. The message names the field.",
  bad_upgrade:
    "The upgrade names a known version or a height at which it cannot happen. The message says which may.",
  below_minimum_stake:
    "The stake would be below the role's minimum and not zero. Stake more, or release all.",
  collateral_too_small:
    "The collateral does not deter lying about this task. Ask for more, or for more segments to be audited.",
  dispute_closed: "The dispute is closed. Read its outcome.",
  dispute_running: "As many disputes of this result as may be are open. Try again when one of them is over.",
  empty_tree: "The program has nothing in the chosen tree. Choose the other one.",
  engine_faulty: "The validators declared this version of the engine faulty. Name another.",
  evidence_too_old:
    "The validators of that epoch are not known any more. Evidence counts until their stake is released.",
  insufficient_balance:
    "The balance left after the fee does not cover the amount. Name less, or fund the account.",
  insufficient_bond: "The balance does not cover the challenger's bond. Fund the account.",
  insufficient_deposit: "The balance does not cover the deposit. Fund the account.",
  insufficient_free_stake:
    "Part of the stake secures assignments. Release less, or wait until they are done.",
  market_full: "All places of the market are taken. Try again later.",
  metric_mismatch: "A result opens the metric exactly if the program declares one.",
  must_descend:
    "A node is named directly only in a program judged within a bound, while its run is descended. Descend.",
  no_commitment: "Only arbiters who committed in time may reveal.",
  no_electorate: "Every validator is a party of the dispute. There is nobody to appeal to.",
  no_equivocation: "The two votes do not prove a fault of one validator in one view.",
  no_evidence: "The move shows no input. Give evidence for at least one.",
  no_offer: "The sender has no offer on the market, or it ran out. Publish one.",
  no_such_element: "The leaf has no such value. Name the position of one of those that were posted.",
  no_such_output: "The node has no such output. Name one of those that it has.",
  no_such_place: "The program has no such blob. Name one that it has.",
  no_such_top: "The chosen top is not among those posted. Name one of them.",
  no_voting_stake:
    "The sender has no stake in the proposal's electorate, or it left. Only those validators vote.",
  not_a_certifier: "The sender was not drawn to certify this result.",
  not_a_challenger: "The sender has not the stake of a challenger, or is jailed. Stake for the role.",
  not_a_party: "The sender is neither the provider nor the challenger of the dispute.",
  not_a_provider: "The sender has not the stake of a provider, or is jailed. Stake for the role.",
  not_a_staker: "The sender has no stake in any role. Stake first.",
  not_a_validator: "The sender has not the stake of a validator, or is jailed. Stake for the role.",
  not_an_auditor: "The sender was not drawn to audit this result.",
  not_an_elector:
    "The sender does not judge this appeal. The validators of the epoch in which it was made do, without the parties.",
  not_committed: "The task has no committed result. Wait until there is one.",
  not_drawable:
    "The sender has the stake of neither a challenger nor an arbiter, or is jailed. Stake for a role.",
  not_drawn: "The sender is not among the arbiters drawn for this dispute.",
  not_opened: "What is demanded is not open yet, or never will be. Demand outputs, and opened states.",
  not_submitted: "Only a submitted result can be disputed.",
  not_the_provider: "The task is not assigned to the sender, or not any more.",
  not_the_requester: "Only the account that posted the task may do this.",
  not_your_move: "The other side of the dispute makes this move.",
  not_your_turn: "The other side must move first. Wait for it.",
  out_of_bounds: "The value lies outside the bounds of the parameter. The message names them.",
  own_blob: "The sender must serve this blob itself.",
  own_result: "A provider cannot challenge its own result.",
  parameter_fixed: "The parameter is fixed in genesis and cannot be changed.",
  role_full: "All places of the role are taken. Try again later.",
  same_top: "What the challenger says that it has is the chosen top itself. Choose one that differs.",
  too_many_demands:
    "As many chunks of this result as may be are demanded. Wait, or fetch from those who hold it.",
  too_many_inputs: "The move shows more inputs than the node has.",
  too_many_proposals: "As many proposals as may be are under way. Try again when one has ended.",
  too_many_unbondings: "As many releases as may be are under way. Wait until the first is done.",
  unknown_audit: "The task has no result that is audited. Check the id and the network.",
  unknown_demand: "No such demand is open. It was answered, or its result is no more.",
  unknown_dispute: "There is no dispute with this id. Check the id and the network.",
  unknown_proposal: "There is no proposal with this id. Check the id and the network.",
  unknown_task: "There is no task with this id, or its record has been shrunk. Check the id and the network.",
  voting_over: "The voting on this proposal is over. Read its status.",
  wrong_chunk: "The proof does not show the demanded chunk. Prove it up to what was committed to.",
  wrong_descriptor: "The descriptor is not proven in the program. Open the one of the disputed place.",
  wrong_evidence: "The evidence does not show where the value comes from. The message names the input.",
  wrong_input: "The input state is not the one that both sides agree on. Open that one.",
  wrong_leaf: "What is opened is not what was committed. Open exactly the committed value.",
  wrong_output: "The root of an audited segment is not shown in the run. Open what was committed.",
  wrong_own_segment: "The proof does not show the auditor's own segment. Prove it with the account's key.",
  wrong_program: "The result is that of another program than the task's. Run the task's.",
  wrong_reveal: "What is revealed does not make up the commitment. Reveal exactly what was committed.",
  wrong_seed: "The seed is not the one that was committed to. Reveal exactly that.",
  wrong_split: "The tops do not combine to the disputed one. Split exactly what was committed.",
  wrong_stage: "The dispute is at another stage, which asks for another move.",
  wrong_status: "The task is in another status than this needs.",
  wrong_steps: "The steps tree does not end in the segment's root. Bind the tree that does.",
  zero_amount: "The amount is zero. Name at least one unit.",
} as const satisfies Readonly<Record<string, string>>;

/** A code of {@link REJECTION_CODES}. */
export type RejectionCode = keyof typeof REJECTION_CODES;
