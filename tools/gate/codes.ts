/**
 * `deno task codes`: writes `ledger/ERRORS.md`, the table of operations and codes, from the rules.
 *
 * @module
 */
import { formatCodeTable } from "../../ledger/mod.ts";

await Deno.writeTextFile(new URL("../../ledger/ERRORS.md", import.meta.url), formatCodeTable());
