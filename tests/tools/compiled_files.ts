/**
 * Reads back the files that `deno compile` put into a binary, so that their completeness can be checked where no base binary for the
 * platform can be had. The layout was observed with Deno 2.9: a section that begins and ends with the marker, in it the metadata
 * (u64 length, JSON), and last the file system (u64 length, JSON tree; u64 length, contents). Integers are little-endian.
 *
 * @module
 */

/** Begins and ends the section. */
const MARKER = new TextEncoder().encode("d3n0l4nd");

/** An entry of the tree: `n` its name, `e` a folder's entries, `o` a file's place in the contents. */
interface Entry {
  readonly Dir?: { readonly n: string; readonly e: readonly Entry[] };
  readonly File?: {
    readonly n: string;
    readonly o: readonly [number, number] | { readonly o: number; readonly l: number };
  };
}

interface FileSystem {
  readonly tree: readonly Entry[];
  readonly contents: Uint8Array;
}

function isMarker(bytes: Uint8Array, at: number): boolean {
  return MARKER.every((byte, i) => bytes[at + i] === byte);
}

function lengthAt(bytes: Uint8Array, at: number): number {
  return Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(at, true));
}

/** The file system is the one place whose two lengths lead exactly to the end marker. */
function findFileSystem(bytes: Uint8Array): FileSystem {
  const [OPEN, CLOSE] = ["[".charCodeAt(0), "]".charCodeAt(0)];
  let end = bytes.length - MARKER.length;
  while (end > 0 && !isMarker(bytes, end)) end--;
  for (let at = 0; at < end - 16; at++) {
    if (bytes[at + 8] !== OPEN) continue;
    const treeLength = lengthAt(bytes, at);
    const contentsAt = at + 8 + treeLength + 8;
    if (treeLength < 2 || contentsAt > end || bytes[contentsAt - 9] !== CLOSE) continue;
    if (contentsAt + lengthAt(bytes, contentsAt - 8) !== end) continue;
    const tree: readonly Entry[] = JSON.parse(
      new TextDecoder().decode(bytes.subarray(at + 8, contentsAt - 8)),
    );
    return { tree, contents: bytes.subarray(contentsAt, end) };
  }
  throw new Error("The binary holds no embedded files in the known layout: has a newer Deno changed it?");
}

async function write(entries: readonly Entry[], contents: Uint8Array, folder: string): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  for (const { Dir, File } of entries) {
    if (Dir !== undefined) await write(Dir.e, contents, `${folder}/${Dir.n}`);
    if (File === undefined) continue;
    const [offset, length] = "l" in File.o ? [File.o.o, File.o.l] : File.o;
    await Deno.writeFile(`${folder}/${File.n}`, contents.subarray(offset, offset + length));
  }
}

/** Writes the files embedded in the binary at `path` below `folder`. */
export async function extractCompiledFiles(path: string, folder: string): Promise<void> {
  const { tree, contents } = findFileSystem(await Deno.readFile(path));
  await write(tree, contents, folder);
}
