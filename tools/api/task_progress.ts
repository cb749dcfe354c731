/**
 * How far tasks have come, as far as the actors of this process tell: the ledger knows only that a task is running.
 *
 * @module
 */
import type { ActorEvent } from "../../actors/mod.ts";

/** Where a computation stands. Phase 0 is the work itself; later ones evaluate it. */
export interface TaskProgress {
  /** Who computes: `provider` for the work that is paid, `challenger` for a check of it. */
  readonly role: string;
  readonly phase: number;
  readonly step: number;
  readonly steps: number;
  readonly loss: number | null;
}

/** See the module. */
export interface ProgressBook {
  note(role: string, event: ActorEvent): void;
  /** The provider's progress on a task, by its id in hexadecimal. */
  of(task: string): TaskProgress | null;
}

/** Tasks remembered: more than a node works at, little enough to forget about. */
const MAX_TASKS = 256;

/** An empty book. */
export function makeProgressBook(): ProgressBook {
  const pages = new Map<string, TaskProgress>();
  return {
    note(role, event) {
      if (event.kind !== "task_progress" || role !== "provider") return;
      const { task, phase, step, steps, loss = null } = event;
      pages.delete(task); // so that the map stays in the order of the last news
      pages.set(task, { role, phase, step, steps, loss });
      const [oldest] = pages.keys();
      if (pages.size > MAX_TASKS && oldest !== undefined) pages.delete(oldest);
    },
    of: (task) => pages.get(task) ?? null,
  };
}
