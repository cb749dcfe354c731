/**
 * Challengers that are no actors of ours: they send what their strategy says, with nothing but a ledger client.
 *
 * @module
 */
import { ActorError, type LedgerCall, type LedgerClient, type Node } from "../../../../actors/mod.ts";
import type { Operation, Task } from "../../../../ledger/mod.ts";
import { ZERO_HASH } from "../../../../ledger/primitives/mod.ts";
import type { TwistPowers } from "../../market/twist.ts";
import type { Dice } from "../../random.ts";

/** How often they look. */
const LOOK_MS = 500;

/** Does something again and again until it is done, or the signal fires. Refusals by the ledger are waited out. */
async function until(
  { pause }: TwistPowers,
  signal: AbortSignal,
  attempt: () => Promise<boolean>,
): Promise<void> {
  while (!signal.aborted) {
    try {
      if (await attempt()) return;
    } catch (thrown) {
      if (!(thrown instanceof ActorError)) throw thrown;
    }
    await pause(LOOK_MS, signal);
  }
}

async function submitted({ ledger }: Node, call: LedgerCall): Promise<Task | undefined> {
  const [task] = await ledger.query("tasks", { status: "submitted", limit: 1 }, call);
  return task;
}

/** Disputes the first result it sees, so often, and never answers. */
export async function openAndLeave(
  times: number,
  node: Node,
  powers: TwistPowers,
  signal: AbortSignal,
): Promise<void> {
  let opened = 0;
  await until(powers, signal, async () => {
    const task = await submitted(node, { signal });
    if (task === undefined) return false;
    await node.ledger.submit({ kind: "open_dispute", task: task.id }, { signal });
    return ++opened === times;
  });
}

/** The answer of somebody who has computed nothing; `undefined` if nothing is asked. */
async function blindMove(
  dice: Dice,
  { ledger, address }: Node,
  call: LedgerCall,
): Promise<Operation | undefined> {
  const [duty] = await ledger.query("duties", address, call);
  if (duty?.kind !== "move") return undefined;
  const { turn, dispute: { id: dispute } } = duty;
  if (turn.kind === "choose") {
    const index = dice.whole(0, turn.parts.length - 1);
    return { kind: "dispute_choose", dispute, index, own: ZERO_HASH };
  }
  if (turn.kind === "choose_output") {
    return { kind: "dispute_choose_output", dispute, output: 0, own: ZERO_HASH };
  }
  return turn.kind === "choose_tree" ? { kind: "dispute_choose_tree", dispute, tree: "nodes" } : undefined;
}

/** Disputes the first result it sees, and answers by chance. */
export async function challengeBlindly(
  dice: Dice,
  node: Node,
  powers: TwistPowers,
  signal: AbortSignal,
): Promise<void> {
  await until(powers, signal, async () => {
    const task = await submitted(node, { signal });
    if (task === undefined) return false;
    await node.ledger.submit({ kind: "open_dispute", task: task.id }, { signal });
    return true;
  });
  await until(powers, signal, async () => {
    const move = await blindMove(dice, node, { signal });
    if (move !== undefined) await node.ledger.submit(move, { signal });
    return false;
  });
}

/** Opens no dispute before somebody else has. */
export function afterAnother(own: LedgerClient, { pause }: TwistPowers): LedgerClient {
  return {
    ...own,
    async submit(operation, call) {
      if (operation.kind === "open_dispute") {
        while ((await own.query("disputesOfTask", operation.task, call)).length === 0) {
          await pause(LOOK_MS, call.signal);
        }
      }
      return await own.submit(operation, call);
    },
  };
}
