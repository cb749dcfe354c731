/**
 * Amounts of the token as people write them. On the ledger an amount is a whole number of the smallest unit, 10^-9 AIGENSYN.
 *
 * @module
 */

/** Decimals of the token in the default genesis. */
export const TOKEN_DECIMALS = 9;

const UNIT = 10n ** BigInt(TOKEN_DECIMALS);

/** One whole AIGENSYN in the smallest unit. */
export const ONE_TOKEN = UNIT;

/** An amount in tokens, without trailing zeros: `1500000000n` is `1.5`. */
export function formatAmount(amount: bigint): string {
  const sign = amount < 0n ? "-" : "";
  const size = amount < 0n ? -amount : amount;
  const fraction = (size % UNIT).toString().padStart(TOKEN_DECIMALS, "0").replace(/0+$/, "");
  const whole = (size / UNIT).toString().replace(/\B(?=(\d{3})+$)/g, ",");
  return `${sign}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}

/**
 * Reads an amount in tokens, such as `12`, `0.5` or `1,000`.
 *
 * @throws {RangeError} if the text is no amount, or has more than 9 decimals.
 */
export function parseAmount(text: string): bigint {
  const match = /^(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d{1,9}))?$/.exec(text.trim());
  if (match === null) {
    throw new RangeError(
      `An amount is a number of AIGENSYN with at most 9 decimals, such as 2.5: got "${text}".`,
    );
  }
  const whole = BigInt((match[1] ?? "").replaceAll(",", ""));
  return whole * UNIT + BigInt((match[2] ?? "").padEnd(TOKEN_DECIMALS, "0"));
}
