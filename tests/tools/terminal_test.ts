import { assertEquals } from "@std/assert/equals.js";
import { assertThrows } from "@std/assert/throws.js";
import fc from "fast-check";
import { formatAmount, parseAmount } from "../../tools/terminal/amounts.ts";
import { lossPlot } from "../../tools/terminal/loss_plot.ts";
import { progressBar } from "../../tools/terminal/progress_bar.ts";
import { textTable } from "../../tools/terminal/table.ts";

Deno.test("an amount reads back from its text to the smallest unit", () => {
  assertEquals(formatAmount(1_234_567_500_000_000n), "1,234,567.5");
  assertEquals(formatAmount(-1n), "-0.000000001");
  fc.assert(fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (amount) => {
    assertEquals(parseAmount(formatAmount(amount)), amount);
  }));
});

Deno.test("text that is no amount is refused", () => {
  for (const text of ["", "-1", "1.", "1.0000000001", "1e9", "12,34", "0x10"]) {
    assertThrows(() => parseAmount(text), RangeError);
  }
});

Deno.test("a progress bar is as wide as asked and filled to its fraction", () => {
  assertEquals(progressBar(0.5, 4), "██░░");
  assertEquals(progressBar(2, 3), "███");
  assertEquals(progressBar(0.125, 1), "▏");
});

Deno.test("a plot runs from its largest value at the top to its smallest at the bottom", () => {
  const lines = lossPlot([2, 2, 1, 1], 2, 2);
  assertEquals(lines, ["   2.000 │⠉⠀", "   1.000 │⠀⣀"]);
  assertEquals(lossPlot([]), []);
});

Deno.test("a table aligns its columns", () => {
  assertEquals(
    textTable([{ heading: "name" }, { heading: "n", align: "right" }], [["a", "10"], ["bcdef", "2"]]),
    [
      "name    n",
      "─────  ──",
      "a      10",
      "bcdef   2",
    ],
  );
});
