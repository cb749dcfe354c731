/**
 * Runs a page in a real browser: bundles its module as a developer would, serves it on loopback, and waits for what it posts.
 *
 * @module
 */
import { fromFileUrl } from "@std/path/mod.js";
import { openPage } from "./chromium.ts";
import type { PageOutcome } from "./in_page.ts";

/** A browser starts in a second or two, on a machine that does ten other things in many. */
const PAGE_MS = 120_000;

const DOCUMENT = `<!doctype html><meta charset="utf-8"><script type="module" src="/page.js"></script>`;

/** The bundle of a module for browsers. */
async function bundle(module: URL): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--platform", "browser", fromFileUrl(module)],
    env: { NO_COLOR: "1" },
  }).output();
  if (!success) throw new Error(`${module} cannot be bundled: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

/**
 * What a page returns for an input.
 *
 * @param module A module that calls `servePage`.
 * @param input Plain JSON.
 * @throws what the page threw, or that it said nothing in time.
 */
export async function runPage<T = unknown>(module: URL, input: unknown): Promise<T> {
  const script = await bundle(module);
  const { promise, resolve } = Promise.withResolvers<PageOutcome<T>>();
  const files: Readonly<Record<string, readonly [type: string, body: string]>> = {
    "/": ["text/html", DOCUMENT],
    "/page.js": ["text/javascript", script],
    "/input": ["application/json", JSON.stringify(input)],
  };
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/outcome") {
      resolve(await request.json());
      return new Response();
    }
    const [type, body] = files[pathname] ?? [];
    return body === undefined
      ? new Response("", { status: 404 })
      : new Response(body, { headers: { "content-type": `${type}` } });
  });
  await using _browser = await openPage(`http://127.0.0.1:${server.addr.port}/`);
  const late = setTimeout(() => resolve({ failure: `The page said nothing in ${PAGE_MS} ms.` }), PAGE_MS);
  const outcome = await promise;
  clearTimeout(late);
  if ("failure" in outcome) throw new Error(`In the browser: ${outcome.failure}`);
  return outcome.value;
}
