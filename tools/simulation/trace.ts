/**
 * The story of a run: a line for everything that matters, the last of them kept for people, and a digest of all.
 *
 * @module
 */
import type { Vote } from "../../ledger/consensus/mod.ts";
import type { NodeMessage } from "../../ledger/node/mod.ts";
import { bytesToHex, createSha256, utf8 } from "../../ledger/primitives/mod.ts";
import type { Watcher } from "./watcher.ts";

/** Lines kept: some seconds of a busy network. */
const KEPT_LINES = 120;

/** Lines hashed at a time. */
const BATCH_LINES = 256;

/** See the module. */
export interface Trace extends Watcher {
  note(text: string): void;
  lines(): readonly string[];
  /** SHA-256 (hexadecimal) of all lines. Ends the trace. */
  digest(): string;
}

function short(hash: Uint8Array): string {
  return bytesToHex(hash.subarray(0, 4));
}

function textOf(vote: Vote): string {
  if (vote.kind === "nullify") return `nullify ${vote.epoch}/${vote.view}`;
  const { epoch, view, parentView, height, block } = vote.proposal;
  return `${vote.kind} ${epoch}/${view} on ${parentView}: ${short(block)} at ${height}`;
}

function sentence(message: NodeMessage | undefined): string {
  if (message === undefined) return "sends noise";
  switch (message.kind) {
    case "proposal":
      return `proposes, ${textOf(message.vote.vote)}`;
    case "vote":
      return `votes ${textOf(message.vote.vote)}`;
    case "certificate":
      return `spreads the certificate of ${textOf(message.certificate.vote)}`;
    case "finalized":
      return `publishes a final block`;
    case "transactions":
      return `hands on ${message.transactions.length} transactions`;
    case "announcement":
      return `announces ${message.hashes.length} transactions`;
  }
}

/** A trace over a virtual clock. Views are written epoch/view. */
export function makeTrace(now: () => number): Trace {
  const hasher = createSha256();
  const kept: string[] = [];
  let batch: string[] = [];
  const flush = () => {
    hasher.update(utf8(batch.join("\n")));
    batch = [];
  };
  const note = (text: string) => {
    const line = `${(now() / 1000).toFixed(4)} s  ${text}`;
    kept.push(line);
    if (kept.length > 2 * KEPT_LINES) kept.splice(0, KEPT_LINES);
    if (batch.push(line) >= BATCH_LINES) flush();
  };
  return {
    note,
    lines: () => kept.slice(-KEPT_LINES),
    digest() {
      flush();
      return bytesToHex(hasher.digest());
    },
    sent: ({ name }, message) => note(`${name} ${sentence(message)}`),
    finalized: ({ name }, { height, hash }) => note(`${name} has ${short(hash)} final at ${height}`),
    adopted: ({ name }, { height, hash }) =>
      note(`${name} goes on from the state after ${short(hash)} at ${height}`),
    accused: ({ name }, { second }) => note(`${name} holds evidence against validator ${second.signer}`),
    blamed: ({ name }, peer, error) => note(`${name} blames ${peer}: ${error.code}`),
    started: ({ name, life }) => note(life === 1 ? `${name} starts` : `${name} starts again`),
    stopped: ({ name }, why) => note(`${name} is down: ${why}`),
  };
}
