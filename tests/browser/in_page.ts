/**
 * The page's side of a test: does what the page is for with what the test gives it, and posts what came out.
 *
 * @module
 */

/** What a page posts: what came out, or what went wrong. */
export type PageOutcome<T> = { readonly value: T } | { readonly failure: string };

function failureOf(thrown: unknown): PageOutcome<never> {
  return { failure: thrown instanceof Error ? thrown.stack ?? thrown.message : String(thrown) };
}

async function post(outcome: PageOutcome<unknown>): Promise<void> {
  await fetch("/outcome", { method: "POST", body: JSON.stringify(outcome) });
}

/** Runs `page` with the test's input; the test gets what it returns, which must be plain JSON. */
export async function servePage<I>(page: (input: I) => unknown): Promise<void> {
  addEventListener("error", ({ error, message }) => post(failureOf(error ?? message)));
  addEventListener("unhandledrejection", ({ reason }) => post(failureOf(reason)));
  try {
    const input: I = await (await fetch("/input")).json();
    await post({ value: await page(input) });
  } catch (thrown) {
    await post(failureOf(thrown));
  }
}
