/**
 * Threads that share a machine's memory and make its kernels' calls. What a thread is to do is recorded, call by call, by the same code
 * that would have made the calls: so the bits cannot depend on the number of threads.
 *
 * @module
 */
import { ExecutorError } from "../../../errors.ts";
import type { Kernel } from "../kernel.ts";
import { type CallWriter, MEMBER, type RingMemory, stateOf, writeCalls } from "./call_ring.ts";

/** A thread that makes the calls of a ring, started by the host. */
export interface CrewMember {
  readonly ring: RingMemory;
  /** Ends the thread. */
  dismiss(): void;
}

/** What a member needs to begin. */
export interface CrewWork {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Names of kernels: a call names one by its place. */
  readonly kernels: readonly string[];
}

/** Starts threads: the host's authority. See `crew_worker.ts`. */
export type StartMember = (work: CrewWork) => CrewMember;

/** The members of a machine. */
export interface Crew {
  /** Threads in all, the caller's among them. */
  readonly threads: number;
  /**
   * A kernel as member `member` (from 0) calls it: the call is queued. While the member is still starting, or cannot start, it is made at
   * once by the caller.
   */
  kernel(member: number, name: string, own: Kernel): Kernel;
  /** Lets the members begin with what is queued. */
  begin(): void;
  /**
   * Waits until they are done.
   *
   * @throws {ExecutorError} `engine_failed` if one has failed.
   */
  finish(): void;
  close(): void;
}

/** Engages `threads - 1` members. */
export function engageCrew(threads: number, start: StartMember, work: CrewWork): Crew {
  const numbers = new Map(work.kernels.map((name, i) => [name, i]));
  const members = Array.from({ length: threads - 1 }, () => start(work));
  const writers = members.map(({ ring }): CallWriter => writeCalls(ring));
  return {
    threads,
    kernel: (member, name, own) => {
      const ring = members[member]?.ring, writer = writers[member], number = numbers.get(name);
      if (!ring || !writer || number === undefined) return own;
      return (...parameters) => {
        if (stateOf(ring) === MEMBER.starting) return own(...parameters);
        writer.push(number, parameters);
        return 0;
      };
    },
    begin: () => writers.forEach((writer) => writer.publish()),
    finish: () => {
      if (writers.every((writer) => writer.finish())) return;
      throw new ExecutorError(
        "engine_failed",
        "A thread of the repops engine has failed: start the engine again.",
      );
    },
    close: () => members.forEach((member) => member.dismiss()),
  };
}
