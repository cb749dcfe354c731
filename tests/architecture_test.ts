/**
 * The house stands: who may import whom, no circles, no ambient authority outside adapter leaves, a door to every room.
 */
import { assertEquals } from "@std/assert/equals.js";
import { dirname, fromFileUrl, join, relative } from "@std/path/mod.js";

const ROOT: string = fromFileUrl(new URL("..", import.meta.url));
const FOLDERS = ["ledger", "executor", "net", "actors", "tools"] as const;
type Folder = typeof FOLDERS[number];

/** What each folder may import besides itself: a path prefix. */
const MAY_IMPORT: Readonly<Record<Folder, readonly string[]>> = {
  ledger: [],
  executor: ["ledger/primitives/"],
  net: ["ledger/primitives/"],
  actors: ["ledger/", "executor/", "net/"],
  tools: ["ledger/", "executor/", "net/", "actors/"],
};

/** An adapter leaf says in its name which outside thing it adapts. */
const LEAF = /_(host|sqlite|deno|file|child|worker|libp2p|ort|webgpu|browser|system)\.ts$/;

/** Authority that code outside leaves takes as an argument instead. Tools are programs: they may have it. */
const AMBIENT = [
  /\bDeno\./,
  /\bDate\.now\b/,
  /\bnew Date\b/,
  /\bperformance\.now\b/,
  /\bMath\.random\b/,
  /\bgetRandomValues\b/,
  /\brandomUUID\b/,
  /\bset(Timeout|Interval)\b/,
  /(?<![.\w])fetch\(/,
  /["']node:/,
  /\bnavigator\./,
  /\bprocess\./,
];

/** Functions of the host whose last bits differ between engines: banned where numbers enter commitments (numeric spec). */
const INEXACT_MATH = /\bMath\.(pow|exp|expm1|log|log2|log10|log1p|sin|cos|tan|tanh|sinh|cosh|cbrt|hypot)\b/;

async function* typescriptFiles(folder: string): AsyncGenerator<string> {
  for await (const entry of Deno.readDir(join(ROOT, folder))) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) yield* typescriptFiles(path);
    else if (entry.name.endsWith(".ts")) yield path;
  }
}

const files: readonly string[] =
  (await Promise.all(FOLDERS.map((folder) => Array.fromAsync(typescriptFiles(folder)))))
    .flat().sort();

const sources = new Map(
  await Promise.all(
    files.map(async (path) => [path, await Deno.readTextFile(join(ROOT, path))] as const),
  ),
);

/** Code without comments, so that a doc comment may mention what code may not use. */
function codeOf(path: string): string {
  return (sources.get(path) ?? "").replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|[^:"'`])\/\/.*$/gm, "$1");
}

interface ModuleInfo {
  readonly specifier: string;
  readonly dependencies?: readonly {
    readonly specifier: string;
    readonly code?: { readonly specifier?: string };
    readonly type?: { readonly specifier?: string };
  }[];
}

/** Imports between the project's own files, as Deno resolves them. */
async function importsOf(): Promise<ReadonlyMap<string, readonly string[]>> {
  // An entry that imports everything, without a file: this test needs no right to write.
  const everything = files.map((path) => `import "${new URL(`../${path}`, import.meta.url)}";`).join("");
  const entry = `data:application/typescript,${encodeURI(everything)}`;
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "--config", join(ROOT, "deno.json"), entry],
    stdout: "piped",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`deno info failed: ${new TextDecoder().decode(stderr)}`);
  const { modules }: { modules: readonly ModuleInfo[] } = JSON.parse(new TextDecoder().decode(stdout));
  const known = new Set(files);
  return new Map(modules.flatMap((module) => {
    const path = pathOf(module.specifier);
    if (path === undefined || !known.has(path)) return [];
    const targets = (module.dependencies ?? []).map((d) =>
      pathOf(d.code?.specifier ?? d.type?.specifier ?? "")
    );
    return [
      [path, targets.filter((target) => target !== undefined && known.has(target)) as string[]] as const,
    ];
  }));
}

function pathOf(specifier: string): string | undefined {
  return specifier.startsWith("file:") ? relative(ROOT, fromFileUrl(specifier)) : undefined;
}

const imports = await importsOf();

function folderOf(path: string): Folder {
  return path.split("/")[0] as Folder;
}

Deno.test("a folder imports only from the floors below it", () => {
  const violations = [...imports].flatMap(([path, targets]) => {
    const from = folderOf(path);
    return targets.filter((target) =>
      folderOf(target) !== from && !MAY_IMPORT[from].some((prefix) => target.startsWith(prefix))
    ).map((target) => `${path} imports ${target}`);
  });
  assertEquals(violations, []);
});

Deno.test("a folder is entered through its mod.ts; only tools and other leaves name a leaf", () => {
  const violations = [...imports].flatMap(([path, targets]) =>
    targets.filter((target) => {
      if (dirname(target) === dirname(path) || target.endsWith("/mod.ts")) return false;
      if (LEAF.test(target)) {
        return folderOf(path) !== "tools" && !LEAF.test(path) && folderOf(path) !== folderOf(target);
      }
      // Files of one folder's rooms may use the contracts of the rooms above and beside them.
      return folderOf(target) !== folderOf(path);
    }).map((target) => `${path} imports ${target}`)
  );
  assertEquals(violations, []);
});

Deno.test("there is no circle of imports", () => {
  const done = new Set<string>(), circles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) {
      circles.push([...trail.slice(trail.indexOf(path)), path].join(" -> "));
      return;
    }
    if (done.has(path)) return;
    for (const target of imports.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of files) visit(path, []);
  assertEquals(circles, []);
});

Deno.test("clock, randomness, network, disk and host come in as arguments, outside adapter leaves and tools", () => {
  const violations = files.filter((path) => folderOf(path) !== "tools" && !LEAF.test(path)).flatMap((path) =>
    AMBIENT.filter((pattern) => pattern.test(codeOf(path))).map((pattern) => `${path} uses ${pattern.source}`)
  );
  assertEquals(violations, []);
});

Deno.test("no function of the host whose last bits differ between machines is used where results are committed", () => {
  const violations = files.filter((path) => folderOf(path) === "ledger" || folderOf(path) === "executor")
    .filter((path) => INEXACT_MATH.test(codeOf(path)));
  assertEquals(violations, []);
});

Deno.test("mod.ts exports no adapter leaf, so importing a folder needs no host", () => {
  const violations = [...imports].filter(([path]) => path.endsWith("/mod.ts") && folderOf(path) !== "tools")
    .flatMap(([path, targets]) =>
      targets.filter((target) => LEAF.test(target) && AMBIENT.some((pattern) => pattern.test(codeOf(target))))
        .map((target) => `${path} exports ${target}`)
    );
  assertEquals(violations, []);
});

Deno.test("every folder has a mod.ts that begins by explaining it, and every file says what it is", () => {
  const missing = FOLDERS.filter((folder) => !sources.has(`${folder}/mod.ts`)).map((folder) =>
    `${folder}/mod.ts is missing`
  );
  const silent = files.filter((path) => !/^(#!.*\n)?\/\*\*/.test(sources.get(path) ?? "")).map((path) =>
    `${path} does not explain itself`
  );
  assertEquals([...missing, ...silent], []);
});
