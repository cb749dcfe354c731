/**
 * The wires: delay, loss, duplication, reordering and partitions, as the seed draws them.
 *
 * @module
 */
import type { VirtualClock } from "./clock.ts";

/** Faults of the network, changeable while it runs. */
export interface Weather {
  /** One-way delay in milliseconds: uniform between the two. Messages overtake one another within it. */
  delayMs: readonly [least: number, most: number];
  /** Probability that a message is lost. */
  loss: number;
  /** Probability that it arrives twice. */
  duplication: number;
  /** Group of each node by name; those of different groups cannot reach each other. Unnamed nodes reach everybody. */
  partition: ReadonlyMap<string, number>;
}

/** Nothing goes wrong, and everything takes 10 ms. */
export const FAIR_WEATHER: Weather = { delayMs: [10, 10], loss: 0, duplication: 0, partition: new Map() };

/** Carries bytes from node to node. */
export interface Links {
  readonly traffic: { messages: number; bytes: number };
  transmit(from: string, to: string, bytes: Uint8Array, arrive: () => void): void;
}

/** Links over a clock. A partition holds back what arrives while it lasts. */
export function makeLinks(clock: VirtualClock, weather: Weather, random: () => number): Links {
  const traffic = { messages: 0, bytes: 0 };
  const reaches = (from: string, to: string) => {
    const a = weather.partition.get(from), b = weather.partition.get(to);
    return a === undefined || b === undefined || a === b;
  };
  return {
    traffic,
    transmit(from, to, bytes, arrive) {
      traffic.messages++;
      traffic.bytes += bytes.length;
      const copies = random() < weather.duplication ? 2 : 1;
      for (let copy = 0; copy < copies; copy++) {
        const isLost = random() < weather.loss;
        const [least, most] = weather.delayMs;
        const delay = least + random() * (most - least);
        if (!isLost) clock.after(delay, () => reaches(from, to) && arrive());
      }
    },
  };
}
