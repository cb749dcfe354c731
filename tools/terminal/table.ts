/**
 * A table as text.
 *
 * @module
 */

/** A column: its heading and on which side its cells stand. Numbers read best on the right. */
export interface Column {
  readonly heading: string;
  readonly align?: "left" | "right";
}

/** Lines of a table: headings, a rule, and one line for each row. Cells beyond the columns are left out. */
export function textTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  const widths = columns.map(({ heading }, i) =>
    Math.max(heading.length, ...rows.map((row) => (row[i] ?? "").length))
  );
  const line = (cells: readonly string[]) =>
    columns.map(({ align }, i) => {
      const cell = cells[i] ?? "", width = widths[i] ?? 0;
      return align === "right" ? cell.padStart(width) : cell.padEnd(width);
    }).join("  ").trimEnd();
  return [
    line(columns.map(({ heading }) => heading)),
    widths.map((width) => "─".repeat(width)).join("  "),
    ...rows.map(line),
  ];
}
