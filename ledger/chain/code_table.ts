/**
 * The table of all operations and all codes with which the ledger says no, as a page for people. `ledger/ERRORS.md` is made from it
 * by `deno task codes`.
 *
 * @module
 */
import { REJECTION_CODES } from "../ops/mod.ts";
import { ADMISSION_CODES } from "./admission_codes.ts";
import { isReservedKind, rejectionsOf, weightOfKind } from "./operation_rules.ts";
import { OPERATION_KINDS } from "./operation_schemas.ts";

type Row = readonly string[];

/** A Markdown table with columns of even width. */
function tableOf(header: Row, rows: readonly Row[]): string {
  const widths = header.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: Row) => `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(" | ")} |`;
  return [line(header), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

const quoted = (name: string) => `\`${name}\``;

function operationTable(): string {
  return tableOf(
    ["operation", "weight", "reserved space", "rejected with"],
    OPERATION_KINDS.map((kind) => [
      quoted(kind),
      weightOfKind(kind).toString(),
      isReservedKind(kind) ? "yes" : "no",
      rejectionsOf(kind).map(quoted).join(", "),
    ]),
  );
}

function rejectionTable(): string {
  return tableOf(
    ["code", "meaning", "rejected operations"],
    Object.entries(REJECTION_CODES).map(([code, meaning]) => [
      quoted(code),
      meaning,
      OPERATION_KINDS.filter((kind) => rejectionsOf(kind).some((other) => other === code)).map(quoted).join(
        ", ",
      ),
    ]),
  );
}

function admissionTable(): string {
  return tableOf(
    ["code", "meaning"],
    Object.entries(ADMISSION_CODES).map(([code, meaning]) => [quoted(code), meaning]),
  );
}

/** The page, in Markdown. */
export function formatCodeTable(): string {
  return `# Operations and codes

Made by \`deno task codes\` from the rules themselves. Codes are stable: programs may act on them. Every rejection also carries a
sentence with the values of its case.

## Operations

A transaction pays for its bytes and its weight. Operations with reserved space find room in a block however full it is of others.

${operationTable()}

## Rejections

A rejected operation stands in its block, pays its fee and changes nothing else.

${rejectionTable()}

## Transactions that no block contains

These cost nothing, because the transaction is never included.

${admissionTable()}
`;
}
