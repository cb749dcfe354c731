/**
 * Machines kept for the next session: a memory costs more to make than a small graph to run, and hosts allow only so many.
 *
 * @module
 */
import { type Machine, startMachine } from "./machine.ts";

/** Machines kept idle. Sessions come one after the other, or a few at a time. */
const MOST_IDLE = 2;
/** A memory that has grown beyond this is given back to the host. */
const LARGEST_IDLE_BYTES = 2 ** 28;

/** Lends machines. */
export interface MachinePool {
  take(): Machine;
  /** Takes a machine back. */
  give(machine: Machine): void;
}

/** An empty pool. */
export function createMachinePool(module: WebAssembly.Module): MachinePool {
  const idle: Machine[] = [];
  return {
    take: () => idle.pop() ?? startMachine(module),
    give: (machine) => {
      if (idle.length >= MOST_IDLE || machine.size() > LARGEST_IDLE_BYTES) return;
      machine.reset();
      idle.push(machine);
    },
  };
}
