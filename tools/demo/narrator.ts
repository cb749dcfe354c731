/**
 * Tells a story on a terminal: lines that stay, and below them one line that moves.
 *
 * @module
 */
import { progressBar } from "../terminal/progress_bar.ts";

/** See the module. */
export interface Narrator {
  /** A line that stays. */
  say(line: string): void;
  /** A heading, with the time since the story began. */
  heading(text: string): void;
  /** Where something stands: replaces what moves, or, where nothing can move, is told in quarters. */
  progress(what: string, fraction: number, detail: string): void;
  /** Ends what moves. */
  rest(): void;
}

/** Where a narrator writes to. */
export interface Output {
  write(text: string): void;
  /** Whether a line can be written over. */
  readonly interactive: boolean;
}

const CLEAR_LINE = "\r\x1b[2K";
const BOLD = "\x1b[1m";
const PLAIN = "\x1b[0m";

/** Milliseconds between two drawings of the moving line: smooth, and no load. */
const REDRAW_MS = 80;

/** Says nothing: for `--json`. */
export const silentNarrator: Narrator = { say() {}, heading() {}, progress() {}, rest() {} };

/**
 * A narrator.
 *
 * @param now Milliseconds, from any beginning.
 */
export function makeNarrator(output: Output, now: () => number): Narrator {
  const began = now();
  const told = new Map<string, number>();
  let moving = "", drawn = -Infinity;
  const clear = () => {
    if (moving !== "") output.write(CLEAR_LINE);
  };
  const redraw = () => {
    if (moving !== "") output.write(moving);
  };
  const say = (line: string) => {
    clear();
    output.write(`${line}\n`);
    redraw();
  };
  return {
    say,
    heading(text) {
      const seconds = `${((now() - began) / 1000).toFixed(0)} s`.padStart(5);
      say("");
      say(output.interactive ? `${BOLD}${seconds}  ${text}${PLAIN}` : `${seconds}  ${text}`);
    },
    progress(what, fraction, detail) {
      if (!output.interactive) {
        const quarter = Math.floor(fraction * 4);
        if ((told.get(what) ?? 0) >= quarter) return;
        told.set(what, quarter);
        output.write(`       ${what}: ${quarter * 25} %  ${detail}\n`);
        return;
      }
      if (now() - drawn < REDRAW_MS && fraction < 1) return;
      drawn = now();
      clear();
      moving = `       ${what} ${progressBar(fraction)} ${detail}`;
      output.write(moving);
    },
    rest() {
      clear();
      moving = "";
    },
  };
}
