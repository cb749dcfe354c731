/** The value, which the test takes for granted. (The assertions of the standard library come without types, so they do not narrow.) */
export function must<T>(value: T | undefined | null, what = "a value"): T {
  if (value === undefined || value === null) throw new TypeError(`The test expects ${what}`);
  return value;
}
