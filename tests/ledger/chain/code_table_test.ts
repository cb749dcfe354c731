import { assert } from "@std/assert/assert.js";
import { assertEquals } from "@std/assert/equals.js";
import {
  ADMISSION_CODES,
  formatCodeTable,
  OPERATION_KINDS,
  rejectionsOf,
} from "../../../ledger/chain/mod.ts";
import { REJECTION_CODES } from "../../../ledger/ops/mod.ts";

const LEDGER = new URL("../../../ledger/", import.meta.url);

/** What stands in the sources as the code of a rejection. */
function codesInSources(): readonly string[] {
  const codes = new Set<string>();
  for (const folder of ["ops", "audits", "availability", "disputes", "governance"]) {
    for (const { name } of Deno.readDirSync(new URL(`${folder}/`, LEDGER))) {
      const text = Deno.readTextFileSync(new URL(`${folder}/${name}`, LEDGER));
      for (const [, code] of text.matchAll(/\b(?:reject|refuse)\(\s*"([a-z_]+)"/g)) codes.add(code ?? "");
    }
  }
  return [...codes].sort();
}

Deno.test("the table of codes has every code that a rule rejects with, and no other", () => {
  const used = codesInSources();
  assert(used.length > 50, "the search of the sources finds something");
  assertEquals(Object.keys(REJECTION_CODES), used, "the table is complete and in alphabetical order");
  const declared = new Set(OPERATION_KINDS.flatMap((kind) => rejectionsOf(kind)));
  assertEquals([...declared].sort(), used, "each code is declared by an operation");
});

Deno.test("every code has a sentence that a person can act on, and every operation declares each code once", () => {
  for (const [code, meaning] of [...Object.entries(REJECTION_CODES), ...Object.entries(ADMISSION_CODES)]) {
    assert(/^[A-Z].{15,}\.$/.test(meaning), `${code}: ${meaning}`);
  }
  for (const kind of OPERATION_KINDS) {
    const codes = rejectionsOf(kind);
    assert(codes.length > 0, kind);
    assertEquals(new Set(codes).size, codes.length, kind);
  }
});

Deno.test("ledger/ERRORS.md is what `deno task codes` writes", () => {
  assertEquals(Deno.readTextFileSync(new URL("ERRORS.md", LEDGER)), formatCodeTable());
});
