import { assertEquals } from "@std/assert/equals.js";
import {
  decodeTransaction,
  encodeTransaction,
  operationSchemas,
  signTransaction,
} from "../../../ledger/chain/mod.ts";
import { bytesToHex, hexToBytes, utf8 } from "../../../ledger/primitives/mod.ts";
import { State } from "../../../ledger/state/mod.ts";
import { signerOf } from "./test_chain.ts";

/** A transfer as it stood when the format was frozen. */
const ENCODED = "9295c4200101010101010101010101010101010101010101010101010101010101010101c420" +
  "2c490366ae659d0b68a792095d10dba13ab857c921c75cccd8835d5f2705d906d30000000000000002d3000000000000000392" +
  "0092c4200404040404040404040404040404040404040404040404040404040404040404d30000000000000005c440" +
  "5091d119d8eb5dc3c19f025118c866444d7b602bd44172e0a18ab0abae706e9afb3ff40e5af21ec04a014657f0db5645b9ecf1" +
  "12098c3b0f43fd8123a808eb0e";

Deno.test("the encoding, the signature and the id of a transaction are frozen", () => {
  const signed = signTransaction(signerOf("alice"), {
    chainId: new Uint8Array(32).fill(1),
    nonce: 2n,
    expiry: 3n,
    operation: { kind: "transfer", to: new Uint8Array(32).fill(4), amount: 5n },
  });
  assertEquals(bytesToHex(encodeTransaction(signed)), ENCODED);
  assertEquals(
    bytesToHex(decodeTransaction(hexToBytes(ENCODED)).hash),
    "65fbf48cd1476ea9f7b540e553b34a535dfa7631679c55d1e0f0ed9d25045275",
  );
});

Deno.test("the order of operations is frozen: it is their number on the wire", () => {
  assertEquals(Object.keys(operationSchemas), [
    "transfer",
    "stake",
    "unstake",
    "publish_offer",
    "withdraw_offer",
    "heartbeat",
    "post_task",
    "cancel_task",
    "accept_task",
    "decline_task",
    "submit_result",
    "report_equivocation",
    "open_dispute",
    "dispute_split",
    "dispute_choose",
    "dispute_bind_segment",
    "dispute_bind_step",
    "dispute_choose_tree",
    "dispute_open_node",
    "dispute_open_inputs",
    "dispute_open_output",
    "arbiter_commit",
    "arbiter_reveal",
    "fund_task",
    "register_beacon_key",
    "propose",
    "vote_on_proposal",
    "appeal_verdict",
    "appeal_commit",
    "appeal_reveal",
    "dispute_choose_output",
    "dispute_open_tensor",
    "declare_incident",
    "audit_open_inputs",
    "audit_commit",
    "audit_open_outputs",
    "audit_reveal",
    "name_engines",
    "certify_result",
    "demand_chunk",
    "answer_chunk",
    "dispute_open_leaf",
    "dispute_choose_element",
    "dispute_open_sum",
    "dispute_choose_part",
    "dispute_name_node",
  ]);
});

Deno.test("the root of a state is frozen", () => {
  const state = State.from([[utf8("a"), utf8("1")], [utf8("b"), utf8("2")], [utf8("c"), utf8("3")]]);
  assertEquals(bytesToHex(state.root), "1004406cd903281284cc7d922f5073621c2db1dc7bee8346c297bfec95d76fe0");
});
