/**
 * Killing the network of `network_child.ts` at random moments, and checking what it says against everything that it ever said.
 *
 * @module
 */
import { conflictOf, SignedVote } from "../../../ledger/consensus/mod.ts";
import { decode, hexToBytes } from "../../../ledger/primitives/mod.ts";

/** What a trial came to. */
export interface KillReport {
  readonly kills: number;
  /** Height of the last block that was final. */
  readonly height: bigint;
  /** Votes seen, and how many of them were of another kind than notarize. */
  readonly votes: number;
  readonly otherVotes: number;
}

/** Everything ever said by the processes so far. */
interface Memory {
  readonly final: Map<bigint, string>;
  readonly votes: Map<string, SignedVote[]>;
  height: bigint;
  votesSeen: number;
  otherVotes: number;
}

function takeVote(memory: Memory, signed: SignedVote): void {
  const { vote, signer } = signed;
  const at = vote.kind === "nullify" ? vote : vote.proposal;
  const place = `${signer} ${at.epoch} ${at.view}`;
  const before = memory.votes.get(place) ?? [];
  for (const earlier of before) {
    const fault = conflictOf(earlier.vote, vote);
    if (fault !== undefined) {
      throw new Error(`validator ${signer} signed twice in view ${at.view} of epoch ${at.epoch}: ${fault}`);
    }
  }
  memory.votes.set(place, [...before, signed]);
  memory.votesSeen++;
  if (vote.kind !== "notarize") memory.otherVotes++;
}

function takeLine(memory: Memory, line: string): void {
  const [kind = "", first = "", second = ""] = line.split(" ");
  if (kind === "vote") return takeVote(memory, decode(SignedVote, hexToBytes(first)));
  if (kind !== "final") return;
  const height = BigInt(first);
  const known = memory.final.get(height);
  if (known !== undefined && known !== second) {
    throw new Error(`block ${height} was final as ${known}, now as ${second}`);
  }
  memory.final.set(height, second);
  if (height > memory.height) memory.height = height;
}

interface Round {
  readonly folder: string;
  /** Lines after `ready` before the kill, and milliseconds after the last of them. */
  readonly lines: number;
  readonly afterMs: number;
}

/** The longest that a process may take to say what is asked of it: seconds, and on a machine with much else to do a hundred times that. */
const PATIENCE_MS = 300_000;

async function killOnce(memory: Memory, { folder, lines, afterMs }: Round): Promise<void> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-check",
      "--allow-read",
      "--allow-write",
      "--allow-env",
      new URL("./network_child.ts", import.meta.url).pathname,
      folder,
    ],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const before = memory.height;
  const restored: bigint[] = [];
  const kill = () => child.kill("SIGKILL");
  const patience = setTimeout(kill, PATIENCE_MS);
  let left = lines,
    isReady = false,
    isDoomed = false,
    timer: ReturnType<typeof setTimeout> | undefined,
    text = "";
  const decoder = new TextDecoder();
  for await (const chunk of child.stdout) {
    text += decoder.decode(chunk, { stream: true });
    const whole = text.split("\n");
    text = whole.pop() ?? "";
    for (const line of whole) {
      if (line === "ready") isReady = true;
      else if (isReady) left--;
      else restored.push(BigInt(line.split(" ")[1] ?? "0"));
      takeLine(memory, line);
    }
    if (left <= 0 && !isDoomed) {
      isDoomed = true;
      timer = setTimeout(kill, afterMs);
    }
  }
  const { signal } = await child.status;
  clearTimeout(patience);
  clearTimeout(timer);
  if (signal !== "SIGKILL" || !isDoomed) throw new Error("the network ended or hung before it was killed");
  // A block is said final by each validator after its store has it, so the best store has all that was ever said.
  const best = restored.reduce((most, height) => height > most ? height : most, 0n);
  if (best < before) throw new Error(`block ${before} was final before the kill; the stores know ${best}`);
}

/**
 * Kills the network again and again, always on the same stores.
 *
 * @param random Numbers in [0, 1) that choose the moments.
 * @param progress Called after each kill.
 * @throws if a final block is lost or replaced, a validator contradicts itself, or the chain stops.
 */
export async function killTrial(
  kills: number,
  random: () => number,
  progress: (kills: number, height: bigint) => void = () => {},
): Promise<KillReport> {
  const folder = await Deno.makeTempDir();
  const memory: Memory = { final: new Map(), votes: new Map(), height: 0n, votesSeen: 0, otherVotes: 0 };
  try {
    for (let kill = 1; kill <= kills; kill++) {
      await killOnce(memory, {
        folder,
        lines: 1 + Math.floor(random() * 150),
        afterMs: Math.floor(random() * 10),
      });
      progress(kill, memory.height);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  return { kills, height: memory.height, votes: memory.votesSeen, otherVotes: memory.otherVotes };
}
