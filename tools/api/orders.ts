/**
 * Reads what clients order in JSON, naming the field that is wrong. Amounts are decimal text in the smallest unit, ids and
 * addresses hexadecimal.
 *
 * @module
 */
import { type Role, ROLES } from "../../ledger/mod.ts";
import { type Change, PARAM_NAMES } from "../../ledger/governance/mod.ts";
import { hexToBytes, parseAddress } from "../../ledger/primitives/mod.ts";
import { ToolError } from "../errors.ts";
import type { OrderedOperation, TaskOrder } from "./backend.ts";

/** Largest amount: what 64 bits hold. */
const MAX_AMOUNT = 2n ** 64n - 1n;

/** Fields of an order of some kind, read one by one. */
interface OrderReader {
  text(name: string): string;
  whole(name: string): number;
  amount(name: string): bigint;
  id(name: string): Uint8Array;
  address(name: string): Uint8Array;
  isNull(name: string): boolean;
  yes(name: string): boolean;
  raw(name: string): unknown;
  wrong(name: string, expected: string): never;
}

function readerOf(value: unknown, of: string): OrderReader {
  const fields: Readonly<Record<string, unknown>> = typeof value === "object" && value !== null
    ? { ...value }
    : {};
  const wrong = (name: string, expected: string): never => {
    const seen = JSON.stringify(fields[name])?.slice(0, 80) ?? "nothing";
    throw new ToolError("usage", `The field "${name}" of ${of} must be ${expected}: got ${seen}.`, {
      field: name,
    });
  };
  const text = (name: string) => typeof fields[name] === "string" ? fields[name] : wrong(name, "text");
  return {
    wrong,
    text,
    isNull: (name) => fields[name] === null,
    yes(name) {
      const value = fields[name];
      return typeof value === "boolean" ? value : wrong(name, "true or false");
    },
    raw: (name) => fields[name],
    whole(name) {
      const number = fields[name];
      return typeof number === "number" && Number.isInteger(number) && number >= 0 && number < 2 ** 32
        ? number
        : wrong(name, "a whole number below 2^32");
    },
    amount(name) {
      const expected = "an amount in the smallest unit, as decimal text";
      const digits = text(name);
      const amount = /^\d{1,20}$/.test(digits) ? BigInt(digits) : wrong(name, expected);
      return amount <= MAX_AMOUNT ? amount : wrong(name, expected);
    },
    id: (name) =>
      /^[0-9a-f]{64}$/.test(text(name)) ? hexToBytes(text(name)) : wrong(name, "64 hexadecimal digits"),
    address: (name) =>
      /^[0-9a-f]{64}$/i.test(text(name))
        ? parseAddress(text(name))
        : wrong(name, "an address of 64 hexadecimal digits"),
  };
}

/** Reads a task order. Throws {@link ToolError} `usage`. */
export function readTaskOrder(value: unknown): TaskOrder {
  const fields = readerOf(value, "a task");
  return {
    title: fields.text("title"),
    manifest: fields.id("manifest"),
    reward: fields.amount("reward"),
    collateral: fields.amount("collateral"),
    gain: fields.amount("gain"),
    auditSegments: fields.whole("auditSegments"),
    memoryMiB: fields.whole("memoryMiB"),
    thresholdPpm: fields.isNull("thresholdPpm") ? null : fields.whole("thresholdPpm"),
    computeBlocks: fields.whole("computeBlocks"),
  };
}

/** Reads what a proposal would change: `{ "params": { NAME: VALUE, ... } }` or `{ "upgrade": { "version", "height" } }`. */
function readChange(value: unknown): Change {
  const fields: Readonly<Record<string, unknown>> = typeof value === "object" && value !== null
    ? { ...value }
    : {};
  if (fields["upgrade"] !== undefined) {
    const upgrade = readerOf(fields["upgrade"], "an upgrade");
    return { kind: "upgrade", version: upgrade.whole("version"), height: upgrade.amount("height") };
  }
  const values = readerOf(fields["params"], "the parameters");
  const named = Object.keys(typeof fields["params"] === "object" ? fields["params"] ?? {} : {});
  return {
    kind: "params",
    values: named.map((text) => {
      const name = PARAM_NAMES.find((known) => known === text);
      if (name === undefined) {
        throw new ToolError("usage", `There is no parameter "${text}". See \`assay params\`.`);
      }
      return { name, value: values.amount(name) };
    }),
  };
}

/** Reads an operation to do. Throws {@link ToolError} `usage`. */
export function readOperation(value: unknown): OrderedOperation {
  const fields = readerOf(value, "an operation");
  const role = (): Role =>
    ROLES.find((known) => known === fields.text("role")) ??
      fields.wrong("role", `one of ${ROLES.join(", ")}`);
  const kind = fields.text("kind");
  switch (kind) {
    case "transfer":
      return { kind, to: fields.address("to"), amount: fields.amount("amount") };
    case "stake":
    case "unstake":
      return { kind, role: role(), amount: fields.amount("amount") };
    case "cancel_task":
      return { kind, task: fields.id("task") };
    case "propose":
      return { kind, title: fields.text("title"), change: readChange(fields.raw("change")) };
    case "vote_on_proposal":
      return { kind, proposal: fields.id("proposal"), approve: fields.yes("approve") };
    default:
      return fields.wrong("kind", "transfer, stake, unstake, cancel_task, propose or vote_on_proposal");
  }
}
