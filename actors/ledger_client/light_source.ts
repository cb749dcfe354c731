/**
 * The validator actor of a node, here or elsewhere, as what a light client asks. It is trusted in nothing.
 *
 * @module
 */
import { type EpochLinks, type LightSource, type LightState } from "../../ledger/light/mod.ts";
import { NodeAnswer, NodeRequest } from "../../ledger/node/mod.ts";
import { decode, encode } from "../../ledger/primitives/mod.ts";
import { ActorError } from "../runtime/mod.ts";
import { LedgerAnswer, LedgerQuestion } from "./protocol.ts";

/**
 * A source over whatever carries questions to a validator actor.
 *
 * Its methods throw {@link ActorError} `unavailable` or `bad_message`, `CodecError` for an answer that is none, and what `ask` throws.
 */
export function makeLightSource(ask: (question: Uint8Array) => Promise<Uint8Array>): LightSource {
  const put = async (request: NodeRequest): Promise<NodeAnswer> => {
    const question = encode(LedgerQuestion, { kind: "replica", request: encode(NodeRequest, request) });
    const answer = decode(LedgerAnswer, await ask(question));
    if (answer.kind === "replica") return decode(NodeAnswer, answer.answer);
    throw new ActorError(
      "bad_message",
      `The validator answered something else than was asked: ${answer.kind}.`,
    );
  };
  return {
    async links(from): Promise<EpochLinks> {
      const answer = await put({ kind: "light_links", from });
      if (answer.kind === "light_links") return answer.links;
      throw new ActorError("bad_message", `Asked for links, got ${answer.kind}. Ask another node.`);
    },
    async state(keys): Promise<LightState> {
      const answer = await put({ kind: "light_state", keys });
      if (answer.kind !== "light_state") {
        throw new ActorError("bad_message", `Asked for the state, got ${answer.kind}. Ask another node.`);
      }
      if (answer.state !== null) return answer.state;
      throw new ActorError("unavailable", "The node has no final block yet. Ask again in a moment.");
    },
  };
}
