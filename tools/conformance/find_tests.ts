/**
 * Finds ONNX backend tests: folders with a `model.onnx` and `test_data_set_*` folders beside it.
 *
 * @module
 */
import { isFileThere, namesIn, readTestFile } from "./test_files.ts";

/** A test on disk. */
export interface TestFolder {
  /** Path below the folder that was searched, for example `node/test_add`. */
  readonly test: string;
  readonly path: string;
}

/** Levels of folders below the one given: as Debian installs them, `data`, collections such as `node` and `simple`, the tests in them. */
const DEPTH = 3;

/**
 * Tests in a folder: itself, or those at most three levels below; sorted by name.
 *
 * @param filter Only tests whose name contains it.
 * @throws {ToolError} `bad_file` if the folder cannot be read.
 */
export async function findTests(root: string, filter = ""): Promise<readonly TestFolder[]> {
  const found = await search(root.replace(/\/+$/, ""), "", DEPTH);
  return found.filter(({ test }) => test.includes(filter)).sort((a, b) => a.test < b.test ? -1 : 1);
}

async function search(path: string, test: string, depth: number): Promise<readonly TestFolder[]> {
  if (await isFileThere(`${path}/model.onnx`)) {
    return [{ test: test || path.split("/").at(-1) || path, path }];
  }
  if (depth === 0) return [];
  const { folders } = await namesIn(path);
  const below = await Promise.all(
    folders.map((name) => search(`${path}/${name}`, test === "" ? name : `${test}/${name}`, depth - 1)),
  );
  return below.flat();
}

/** Inputs and outputs of one run of a test's model, by position, as the bytes of `.pb` files. */
export interface DataSet {
  readonly name: string;
  readonly inputs: readonly Uint8Array[];
  readonly outputs: readonly Uint8Array[];
}

/** A test's files. */
export interface TestContent {
  readonly model: Uint8Array;
  readonly dataSets: readonly DataSet[];
  /** Text of `data.json`, which few tests have. */
  readonly settings: string | undefined;
}

/**
 * Reads a test.
 *
 * @throws {ToolError} `bad_file`.
 */
export async function readTest(path: string): Promise<TestContent> {
  const { folders } = await namesIn(path);
  const sets = folders.filter((name) => name.startsWith("test_data_set_"));
  const settingsPath = `${path}/data.json`;
  return {
    model: await readTestFile(`${path}/model.onnx`),
    dataSets: await Promise.all(sets.map((name) => readDataSet(`${path}/${name}`, name))),
    settings: await isFileThere(settingsPath)
      ? new TextDecoder().decode(await readTestFile(settingsPath))
      : undefined,
  };
}

async function readDataSet(path: string, name: string): Promise<DataSet> {
  const { files } = await namesIn(path);
  const read = (role: string) => {
    const count = files.filter((file) => new RegExp(`^${role}_\\d+\\.pb$`).test(file)).length;
    return Promise.all(Array.from({ length: count }, (_, i) => readTestFile(`${path}/${role}_${i}.pb`)));
  };
  return { name, inputs: await read("input"), outputs: await read("output") };
}
