/**
 * Starting a light client on the command line: what to trust, and which node to ask. The node is trusted in nothing.
 *
 * @module
 */
import {
  followLatest,
  type LightClient,
  type LightSource,
  startLightClient,
} from "../../ledger/light/mod.ts";
import { apiLightSource } from "../api/light_source.ts";
import { ToolError } from "../errors.ts";
import { readCheckpoint } from "../node/checkpoint_file.ts";
import type { Arguments, OptionSpec } from "./command.ts";
import { connect } from "./connect.ts";

/** The options that {@link startLight} reads, beside the node's home. */
export const LIGHT_OPTIONS: Readonly<Record<"checkpoint" | "trust-for", OptionSpec>> = {
  checkpoint: {
    kind: "text",
    value: "FILE",
    description: "what you trust: from `assay checkpoint` on a node of somebody you trust",
  },
  "trust-for": {
    kind: "text",
    value: "SECONDS",
    description:
      "how old the checkpoint may be (default: what it says; never as long as stake takes to unbond)",
  },
};

/** A client that stands at the latest final block, and whom it asks. */
export interface StartedLight {
  readonly client: LightClient;
  readonly source: LightSource;
  /** What it is by the clock, for reads that follow. */
  readonly nowMs: bigint;
}

function periodOf(args: Arguments, stated: number | undefined): bigint {
  const text = args.text("trust-for") ?? stated?.toString();
  if (text !== undefined && /^\d{1,9}$/.test(text)) return 1000n * BigInt(text);
  throw new ToolError("usage", "Say with --trust-for how many seconds old the checkpoint may be.");
}

/**
 * Starts a light client from `--checkpoint` and follows the node of the command line to its latest final block.
 *
 * @throws {ToolError} `usage` or `bad_file`.
 * @throws {LightError} if the checkpoint is too old, or what the node says does not hold.
 */
export async function startLight(args: Arguments): Promise<StartedLight> {
  const path = args.text("checkpoint");
  if (path === undefined) throw new ToolError("usage", "Name what you trust with --checkpoint FILE.");
  const { checkpoint, trustSeconds } = await readCheckpoint(path);
  const nowMs = BigInt(Date.now()), source = apiLightSource(await connect(args));
  const client = startLightClient(checkpoint, periodOf(args, trustSeconds), nowMs);
  return { client: await followLatest(client, [source], nowMs), source, nowMs };
}
