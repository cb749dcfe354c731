/**
 * Machines kept for the next session: a memory costs more to make than a small graph to run, and hosts allow only so many.
 *
 * @module
 */
import type { Machine } from "./machine.ts";

/** Machines kept idle. Sessions come one after the other, or a few at a time. */
const MOST_IDLE = 2;
/** A memory that has grown beyond this is given back to the host. */
const LARGEST_IDLE_BYTES = 2 ** 28;

/** Lends machines. */
export interface MachinePool {
  take(): Machine;
  /** Takes a machine back. */
  give(machine: Machine): void;
  /** Closes all machines, the lent ones too. */
  close(): void;
}

/** An empty pool, with what starts a machine. */
export function createMachinePool(start: () => Machine): MachinePool {
  const idle: Machine[] = [], lent = new Set<Machine>();
  return {
    take: () => {
      const machine = idle.pop() ?? start();
      lent.add(machine);
      return machine;
    },
    give: (machine) => {
      if (!lent.delete(machine)) return;
      if (idle.length >= MOST_IDLE || machine.size() > LARGEST_IDLE_BYTES) {
        machine.close();
        return;
      }
      machine.reset();
      idle.push(machine);
    },
    close: () => {
      for (const machine of [...idle.splice(0), ...lent]) machine.close();
      lent.clear();
    },
  };
}
