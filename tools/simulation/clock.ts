/**
 * Virtual time: events in order of their moment, ties in order of scheduling, so that one seed gives one history.
 *
 * @module
 */

interface Event {
  readonly at: number;
  readonly order: number;
  readonly action: () => void;
}

/** A virtual clock. Times in milliseconds from 0. */
export interface VirtualClock {
  readonly now: number;
  /** The moment of the next event; undefined if there is none. */
  readonly next: number | undefined;
  after(delayMs: number, action: () => void): void;
  /** Runs the next event. Returns false when there is none. */
  tick(): boolean;
}

function isBefore(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/** A clock at 0 over a binary heap. */
export function createClock(): VirtualClock {
  const heap: Event[] = [];
  let now = 0, order = 0;
  const swap = (i: number, j: number) => {
    const a = heap[i], b = heap[j];
    if (a !== undefined && b !== undefined) [heap[i], heap[j]] = [b, a];
  };
  const before = (i: number, j: number) => {
    const a = heap[i], b = heap[j];
    return a !== undefined && b !== undefined && isBefore(a, b);
  };
  const sink = () => {
    for (let i = 0;;) {
      const left = 2 * i + 1, right = left + 1;
      const least = before(right, left) ? right : left;
      if (!before(least, i)) return;
      swap(i, least);
      i = least;
    }
  };
  return {
    get now() {
      return now;
    },
    get next() {
      return heap[0]?.at;
    },
    after(delayMs, action) {
      heap.push({ at: now + delayMs, order: order++, action });
      for (let i = heap.length - 1; i > 0;) {
        const parent = (i - 1) >>> 1;
        if (!before(i, parent)) break;
        swap(i, parent);
        i = parent;
      }
    },
    tick() {
      const first = heap[0];
      const last = heap.pop();
      if (first === undefined || last === undefined) return false;
      if (heap.length > 0) {
        heap[0] = last;
        sink();
      }
      now = first.at;
      first.action();
      return true;
    },
  };
}
