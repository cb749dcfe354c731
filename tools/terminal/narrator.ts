/**
 * Tells a story on a terminal: lines that stay, and below them one line that moves.
 *
 * @module
 */
import { progressBar } from "./progress_bar.ts";

/** See the module. */
export interface Narrator {
  /** A line that stays, with the time since the story began. */
  say(line: string): void;
  /** A line that stays, without a time: drawings and tables. */
  show(line: string): void;
  /** A heading. */
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
export const silentNarrator: Narrator = { say() {}, show() {}, heading() {}, progress() {}, rest() {} };

/** Width of the column with the time. */
const MARGIN = 7;

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
  const write = (line: string) => {
    clear();
    output.write(`${line.trimEnd()}\n`);
    redraw();
  };
  const time = () => `${((now() - began) / 1000).toFixed(0)} s`.padStart(MARGIN - 2) + "  ";
  return {
    say: (line) => write(time() + line),
    show: (line) => write(" ".repeat(MARGIN) + line),
    heading(text) {
      write("");
      write(output.interactive ? `${BOLD}${time()}${text}${PLAIN}` : time() + text);
    },
    progress(what, fraction, detail) {
      if (!output.interactive) {
        const quarter = Math.floor(fraction * 4);
        if ((told.get(what) ?? 0) >= quarter) return;
        told.set(what, quarter);
        write(`${time()}${what}: ${quarter * 25} %  ${detail}`);
        return;
      }
      if (now() - drawn < REDRAW_MS && fraction < 1) return;
      drawn = now();
      clear();
      moving = `${time()}${what} ${progressBar(fraction)} ${detail}`;
      output.write(moving);
    },
    rest() {
      clear();
      moving = "";
    },
  };
}
