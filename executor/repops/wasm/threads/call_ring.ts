/**
 * A queue of kernel calls in shared memory, from one thread to another: both read and write it without waiting for each other, as
 * long as it is neither empty nor full.
 *
 * A call is the number of its kernel, the count of its parameters, and the parameters, each a binary64 number: addresses, counts and the few
 * floats that kernels take. Positions count all numbers that ever went through, modulo 2^32.
 *
 * @module
 */

/** Numbers that a ring holds: some ten thousand calls. A power of two, so that positions may wrap around. */
const CAPACITY = 2 ** 18;

/** Places in the control words. */
const WRITTEN = 0, DONE = 1, STATE = 2, WORDS = 3;

/** What the thread that makes the calls says of itself. */
export const MEMBER = { starting: 0, ready: 1, failed: 2, dismissed: 3 } as const;

/** Times to look again before a thread gives its core away: the next product mostly comes within tens of microseconds. */
const SPINS = 20_000;

/** A sleeping thread looks up this often, in milliseconds, should a call for it have been lost. */
const SLEEP_MS = 1_000;

/** The memory of a ring: what is posted to the other thread. */
export interface RingMemory {
  readonly control: Int32Array<SharedArrayBuffer>;
  readonly calls: Float64Array<SharedArrayBuffer>;
}

/** An empty ring. */
export function makeRing(): RingMemory {
  return {
    control: new Int32Array(new SharedArrayBuffer(WORDS * 4)),
    calls: new Float64Array(new SharedArrayBuffer(CAPACITY * 8)),
  };
}

/** What the member of the ring says of itself: one of {@link MEMBER}. */
export function stateOf({ control }: RingMemory): number {
  return Atomics.load(control, STATE);
}

/** Says it, and wakes whoever waits. */
export function setState({ control }: RingMemory, state: number): void {
  Atomics.store(control, STATE, state);
  Atomics.notify(control, WRITTEN);
  Atomics.notify(control, DONE);
}

/** The end that queues calls. */
export interface CallWriter {
  /** Queues a call. The other thread sees it at once if it is awake, so that it begins while more are queued. */
  push(kernel: number, parameters: readonly number[]): void;
  /** Wakes the other thread. */
  publish(): void;
  /** Waits until all calls are made; false if the other thread has failed. */
  finish(): boolean;
}

/** The writing end. */
export function writeCalls(ring: RingMemory): CallWriter {
  const { control, calls } = ring;
  let written = Atomics.load(control, WRITTEN);
  const publish = () => {
    Atomics.store(control, WRITTEN, written);
    Atomics.notify(control, WRITTEN);
  };
  const isAlive = () => stateOf(ring) !== MEMBER.failed;
  return {
    push: (kernel, parameters) => {
      const length = parameters.length + 2;
      while (((written - Atomics.load(control, DONE)) | 0) + length > CAPACITY && isAlive()) {
        publish();
        waitFor(control, DONE, Atomics.load(control, DONE));
      }
      const put = (value: number) => {
        calls[written & (CAPACITY - 1)] = value;
        written = (written + 1) | 0;
      };
      put(kernel);
      put(parameters.length);
      for (const parameter of parameters) put(parameter);
      Atomics.store(control, WRITTEN, written);
    },
    publish,
    finish: () => {
      publish();
      for (;;) {
        const done = Atomics.load(control, DONE);
        if (done === written) return isAlive();
        if (!isAlive()) return false;
        waitFor(control, DONE, done);
      }
    },
  };
}

/**
 * Makes the calls of a ring until its member is dismissed. Blocks its thread.
 *
 * @param call Makes one call; what it throws ends the loop, and the writer sees a member that has failed.
 */
export function makeCalls(
  ring: RingMemory,
  call: (kernel: number, parameters: readonly number[]) => void,
): void {
  const { control, calls } = ring;
  let at = Atomics.load(control, DONE);
  const take = () => {
    const value = calls[at & (CAPACITY - 1)] ?? 0;
    at = (at + 1) | 0;
    return value;
  };
  setState(ring, MEMBER.ready);
  try {
    while (stateOf(ring) === MEMBER.ready) {
      const written = Atomics.load(control, WRITTEN);
      if (at === written) {
        waitFor(control, WRITTEN, written);
        continue;
      }
      while (at !== written) {
        const kernel = take();
        call(kernel, Array.from({ length: take() }, take));
      }
      Atomics.store(control, DONE, at);
      Atomics.notify(control, DONE);
    }
  } catch (thrown) {
    setState(ring, MEMBER.failed);
    throw thrown;
  }
}

/** Waits until a word is no longer what it was: first awake, then, where the thread may sleep, asleep. */
function waitFor(control: Int32Array<SharedArrayBuffer>, word: number, was: number): void {
  for (let spin = 0; spin < SPINS; spin++) if (Atomics.load(control, word) !== was) return;
  if (maySleep) Atomics.wait(control, word, was, SLEEP_MS);
}

/** A browser's main thread must not. */
const maySleep: boolean = (() => {
  try {
    return Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1, 0) === "not-equal";
  } catch {
    return false;
  }
})();
