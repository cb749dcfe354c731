/**
 * Due handler `record`: the record of a task that ended long ago, and those of its disputes, shrink to their hashes; what says how it was audited and certified goes.
 *
 * @module
 */
import { audits } from "../audits/mod.ts";
import { forgetAvailability } from "../availability/mod.ts";
import { shrinkDispute } from "../disputes/mod.ts";
import { type BlockContext, shrinkTask, type StateWriter } from "../state/mod.ts";

/** See the module. */
export function recordDue(state: StateWriter, context: BlockContext, id: Uint8Array): void {
  forgetAvailability(state, id);
  audits.delete(state, id); // what it came to is in the task's events and money; its proof stands alone
  for (const dispute of shrinkTask(state, context, id)) shrinkDispute(state, dispute);
}
