/**
 * What must hold for whatever anybody sends: it is refused with a typed error, or it is exactly what it says, and no operation can
 * make or lose money.
 *
 * @module
 */
import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import fc from "fast-check";
import {
  devParams,
  formatGenesis,
  GenesisError,
  Operation,
  parseGenesis,
  recountSupply,
  rejectionsOf,
  runOperation,
} from "../../../ledger/chain/mod.ts";
import { dueHandlers } from "../../../ledger/chain/due_handlers.ts";
import { type Address, CodecError, decode, encode } from "../../../ledger/primitives/mod.ts";
import {
  type BlockContext,
  chainIds,
  createDraft,
  type Draft,
  heads,
  paramsInForce,
  runDue,
  totals,
} from "../../../ledger/state/mod.ts";
import { testGenesis } from "../chain/test_chain.ts";
import { mark } from "../chain/test_task.ts";
import { allDecoders, type Decoder } from "./decoders.ts";
import { mutateBytes, mutateValues, type Mutation, mutations } from "./mutation.ts";
import { allScenes, type Scene } from "./scenes.ts";

/** A property and what came of trying it. */
export interface Fuzz {
  readonly name: string;
  readonly property: fc.IPropertyWithHooks<unknown>;
  /** How many inputs had each outcome, over all runs. */
  readonly outcomes: Map<string, number>;
}

function counter() {
  const outcomes = new Map<string, number>();
  return { outcomes, count: (name: string) => void outcomes.set(name, (outcomes.get(name) ?? 0) + 1) };
}

const index = fc.noBias(fc.nat());

function pick<T>(items: readonly T[], at: number): T {
  const item = items[at % items.length];
  if (item === undefined) throw new Error("there is nothing to choose from");
  return item;
}

/** Changed encodings, and bytes out of nothing. */
function decoderFuzz(decoders: readonly Decoder[]): Fuzz {
  const { outcomes, count } = counter();
  const read = ({ name, again, refuses }: Decoder, bytes: Uint8Array) => {
    let written: Uint8Array;
    try {
      written = again(bytes);
    } catch (thrown) {
      if (!refuses(thrown)) throw thrown;
      return count("refused");
    }
    assertEquals(written, bytes, `${name} accepted what it would have written otherwise`);
    count("read");
  };
  const property = fc.property(
    index,
    index,
    index,
    fc.nat(2),
    mutations,
    (which, from, donor, how, changes) => {
      const decoder = pick(decoders, which);
      const example = pick(decoder.examples, from);
      if (how === 0) return read(decoder, mutateBytes(example, changes));
      if (how === 1) return read(decoder, mutateBytes(new Uint8Array(), changes));
      read(decoder, mutateValues(example, pick(pick(decoders, donor).examples, donor), changes));
    },
  );
  return { name: "decoders", property, outcomes };
}

/** Genesis files with characters or values changed. */
function genesisFuzz(): Fuzz {
  const { outcomes, count } = counter();
  const original = formatGenesis(testGenesis());
  const change = fc.oneof(
    fc.record({ at: index, cut: fc.nat(6), text: fc.string({ maxLength: 6 }) }),
    fc.record({ at: index, cut: fc.nat(40), text: fc.json({ maxDepth: 1 }) }),
  );
  const property = fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
    const text = changes.reduce((before, { at, cut, text: fresh }) => {
      const place = at % before.length;
      return before.slice(0, place) + fresh + before.slice(place + cut);
    }, original);
    try {
      parseGenesis(text);
    } catch (thrown) {
      if (!(thrown instanceof GenesisError)) throw thrown;
      return count("refused");
    }
    count("read");
  });
  return { name: "genesis files", property, outcomes };
}

function contextOf({ state }: Scene, height: bigint): BlockContext {
  return {
    chainId: chainIds.get(state),
    head: { ...heads.get(state), height },
    params: paramsInForce.get(state),
    emit: () => {},
  };
}

/** The supply is where the records say, after the operation and after every deadline that it may have set. */
function assertSound(draft: Draft, scene: Scene, height: bigint): void {
  const state = draft.commit();
  assertEquals(recountSupply(state), totals.get(state));
  const later = createDraft(state);
  for (let at = height + 1n; at <= height + LONGEST_WINDOW; at++) {
    runDue(later, contextOf(scene, at), dueHandlers);
  }
  const ended = later.commit();
  assertEquals(recountSupply(ended), totals.get(ended));
}

/** Blocks within which what an operation has scheduled comes due: the longest window of the scenes, and the rest of their own. */
const LONGEST_WINDOW = BigInt(devParams().acceptBlocks) + 20n;

interface Attempt {
  readonly scene: Scene;
  readonly sender: Address;
  readonly encoded: Uint8Array;
}

/** Changed operations by anybody, in states in which they might do harm. */
function operationFuzz(scenes: readonly Scene[]): Fuzz {
  const { outcomes, count } = counter();
  const encodings = new Map(
    scenes.map((scene) => [
      scene,
      scene.intents.map(([sender, operation]) => ({ sender, encoded: encode(Operation, operation) })),
    ]),
  );
  const examplesOf = (scene: Scene) => encodings.get(scene) ?? [];
  // The first scene has most kinds of operations, the others each a stage of a dispute.
  const sceneAt = (at: number) => at % 2 === 0 ? pick(scenes, 0) : pick(scenes, at >>> 1);
  let tried = 0;
  const attempt = ({ scene, sender, encoded }: Attempt) => {
    let operation: Operation;
    try {
      operation = decode(Operation, encoded);
    } catch (thrown) {
      if (!(thrown instanceof CodecError)) throw thrown;
      return count("not an operation");
    }
    const height = heads.get(scene.state).height + 1n;
    const draft = createDraft(scene.state);
    const context = { ...contextOf(scene, height), sender, transaction: mark(`fuzz ${tried++}`) };
    const rejection = runOperation(draft, context, operation);
    if (rejection === null) {
      count(`${operation.kind} accepted`);
      return assertSound(draft, scene, height);
    }
    assert(rejectionsOf(operation.kind).includes(rejection.code), `${operation.kind}: ${rejection.code}`);
    assertEquals(draft.commit().root, scene.state.root, "a rejection changes nothing");
    count(`${operation.kind} rejected`);
  };
  const property = fc.property(
    fc.tuple(index, index, index, index, index),
    fc.option(mutations, { freq: 8 }),
    ([which, from, donorScene, donor, who], changes: readonly Mutation[] | null) => {
      const scene = sceneAt(which);
      const { sender, encoded } = pick(examplesOf(scene), from);
      const foreign = pick(examplesOf(sceneAt(donorScene)), donor).encoded;
      const isStranger = who % 4 === 0;
      attempt({
        scene,
        sender: isStranger ? pick(scene.accounts, who >>> 2) : sender,
        encoded: changes === null ? encoded : mutateValues(encoded, foreign, changes),
      });
    },
  );
  return { name: "operations", property, outcomes };
}

/** All properties. Making them plays some disputes: about a second. */
export function allFuzzes(): readonly Fuzz[] {
  const scenes = allScenes();
  return [decoderFuzz(allDecoders(scenes)), genesisFuzz(), operationFuzz(scenes)];
}
