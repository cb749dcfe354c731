/**
 * A real browser, without a window. Tests that need one say so where there is none.
 *
 * @module
 */

/** Names under which systems install it. */
const NAMES = ["chromium", "chromium-browser", "google-chrome"];

/** Chromium ends within a second of being asked; what stays is killed. */
const END_MS = 10_000;

async function isRunnable(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound || thrown instanceof Deno.errors.NotADirectory) return false;
    throw thrown;
  }
}

/** Path of the browser on this machine, if there is one. */
async function findChromium(): Promise<string | undefined> {
  const folders = (Deno.env.get("PATH") ?? "").split(":").filter((folder) => folder !== "");
  for (const path of folders.flatMap((folder) => NAMES.map((name) => `${folder}/${name}`))) {
    if (await isRunnable(path)) return path;
  }
  return undefined;
}

const chromium = await findChromium();

/** A test in a real browser; where there is none, it is skipped and its name says so. */
export function testInBrowser(name: string, test: () => Promise<void>): void {
  const skipped = chromium === undefined;
  Deno.test({
    name: skipped ? `${name} (skipped: no chromium here; Debian's package is named so)` : name,
    ignore: skipped,
    fn: test,
  });
}

/** Opens a page in a browser of its own, with an empty profile. Disposing ends the browser and removes the profile. */
export async function openPage(url: string): Promise<AsyncDisposable> {
  const profile = await Deno.makeTempDir({ prefix: "assay-chromium-" });
  const child = new Deno.Command(chromium ?? "chromium", {
    args: [
      "--headless",
      "--no-sandbox", // refuses to run as root otherwise, and loads nothing but our own page
      "--disable-gpu",
      "--disable-quic",
      "--disable-dev-shm-usage",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      `--user-data-dir=${profile}`,
      url,
    ],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  return {
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      const late = setTimeout(() => child.kill("SIGKILL"), END_MS);
      await child.status;
      clearTimeout(late);
      await removeProfile(profile);
    },
  };
}

/** The browser's helpers may write for a moment after it has ended. */
async function removeProfile(profile: string): Promise<void> {
  const end = performance.now() + END_MS;
  while (true) {
    try {
      return await Deno.remove(profile, { recursive: true });
    } catch (thrown) {
      if (performance.now() > end) throw thrown;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
