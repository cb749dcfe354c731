/**
 * Spreading transactions. Who is about to propose gets them in full, at once; everybody else learns their ids, and validators ask the
 * announcer for those that they lack. So a transaction crosses each wire once, however many tell of it, and is in the next block.
 * Only a node without a vote publishes its transactions in full: it may be a browser or stand behind NAT, where nobody can ask it.
 *
 * The first of a quiet moment goes out alone; those of the next `gatherMs` go together. What a peer can make a node remember and ask
 * is bounded: so many ids of so many announcers, one question at a time to each.
 *
 * @module
 */
import { TransactionError } from "../chain/mod.ts";
import { leaderOf } from "../consensus/mod.ts";
import { type Address, bytesToHex, equalBytes, type Hash, hexToBytes } from "../primitives/mod.ts";
import type { PeerId } from "./effects.ts";
import { hastenBuild } from "./building.ts";
import { NodeError } from "./errors.ts";
import { addReceived, waitingTransaction } from "./mempool.ts";
import { encodeMessage, MAX_ANNOUNCED, MAX_GOSSIP_TRANSACTIONS, type NodeAnswer } from "./messages.ts";
import { blame, type Replica } from "./replica_state.ts";
import { askPeer } from "./requests.ts";

/** Bytes of transactions in one message to a node: far below the smallest limit of a transport (4 MiB). */
const MAX_SENT_BYTES = 1024 * 1024;

/** The same of a published message: below what transports gossip (256 KiB), also with a transaction of the largest kind. */
const MAX_PUBLISHED_BYTES = 128 * 1024;

/** Announcers whose ids are remembered at a time; those of the next are not, until they announce again. */
const MAX_ANNOUNCERS = 128;

/** Views ahead of the last final one in which a node without a vote supposes the network: it sees only what is final. */
const FOLLOWER_LEAD = 2n;

/** Leaders that get transactions in full: of the present view and of the next, which is there when they arrive. */
const LEADERS_TOLD = 2;

/** Tells of a transaction that waits in the pool. */
export function spread(replica: Replica, hash: string, transaction: Uint8Array): void {
  const { gossip } = replica;
  gossip.untold.set(hash, transaction);
  gossip.unannounced.add(hash);
  if (gossip.isGathering) return;
  tellLeaders(replica);
  gather(replica);
}

function gather({ gossip, effects, options }: Replica): void {
  gossip.isGathering = true;
  effects.push({ kind: "set_timer", timer: { name: "gossip" }, afterMs: options.timing.gatherMs });
}

/** The `gossip` timer has fired: what has gathered goes out. */
export function spreadGathered(replica: Replica): void {
  const { gossip } = replica;
  gossip.isGathering = false;
  if (gossip.unannounced.size === 0) return;
  tellLeaders(replica);
  announce(replica);
  gather(replica);
}

/** Who proposes now and next, as far as this node can tell, without itself. Nobody, if it is itself about to. */
function leadersToCome({ core, building, validators, head, epoch, options }: Replica): readonly Address[] {
  if (building !== undefined) return [];
  const seen = head.header?.epoch === epoch ? head.header.view : 0n;
  const first = core?.view ?? seen + FOLLOWER_LEAD;
  const addresses = new Map<string, Address>();
  for (let i = 0; i < LEADERS_TOLD; i++) {
    const address = validators.members[leaderOf(validators, first + BigInt(i))]?.address;
    if (address !== undefined) addresses.set(bytesToHex(address), address);
  }
  const own = options.signer?.address;
  return [...addresses.values()].filter((address) => own === undefined || !equalBytes(address, own));
}

/** Sends the untold in full to the leaders to come. */
function tellLeaders(replica: Replica): void {
  const { gossip: { untold }, effects } = replica;
  const to = leadersToCome(replica);
  for (const transactions of to.length === 0 ? [] : inMessages([...untold.values()])) {
    effects.push({ kind: "send", to, bytes: encodeMessage({ kind: "transactions", transactions }) });
  }
  untold.clear();
}

/** Cuts a list of transactions into lists that fit a message. */
function inMessages(
  transactions: readonly Uint8Array[],
  mostBytes = MAX_SENT_BYTES,
): readonly (readonly Uint8Array[])[] {
  const messages: Uint8Array[][] = [];
  let bytes = 0;
  for (const transaction of transactions) {
    const last = messages.at(-1);
    const fits = last !== undefined && last.length < MAX_GOSSIP_TRANSACTIONS &&
      bytes + transaction.length <= mostBytes;
    if (fits) last.push(transaction);
    else messages.push([transaction]);
    bytes = transaction.length + (fits ? bytes : 0);
  }
  return messages;
}

/** Publishes the ids of what still waits; without a vote, all of it. */
function announce({ gossip, pool, effects, core }: Replica): void {
  const waiting = [...gossip.unannounced].flatMap((id) => pool.hashes.get(id) ?? []);
  gossip.unannounced.clear();
  if (core === undefined) {
    for (const transactions of inMessages(waiting.map(({ encoded }) => encoded), MAX_PUBLISHED_BYTES)) {
      const bytes = encodeMessage({ kind: "transactions", transactions });
      effects.push({ kind: "publish", topic: "transactions", bytes });
    }
    return;
  }
  const hashes = waiting.map(({ received }) => received.hash);
  for (let at = 0; at < hashes.length; at += MAX_ANNOUNCED) {
    const bytes = encodeMessage({ kind: "announcement", hashes: hashes.slice(at, at + MAX_ANNOUNCED) });
    effects.push({ kind: "publish", topic: "transactions", bytes });
  }
}

/** A peer announces transactions. Who has no vote builds no blocks, and leaves them to others. */
export function takeAnnouncement(replica: Replica, hashes: readonly Hash[], from: PeerId): void {
  const { gossip: { announced }, core } = replica;
  if (core === undefined || (!announced.has(from) && announced.size >= MAX_ANNOUNCERS)) return;
  const ids = announced.get(from) ?? new Set<string>();
  for (const hash of hashes) if (ids.size < MAX_ANNOUNCED) ids.add(bytesToHex(hash));
  announced.set(from, ids);
  askAnnouncer(replica, from);
}

/** Asks a peer for the next of what it announced and this node lacks. */
function askAnnouncer(replica: Replica, peer: PeerId): void {
  const { gossip: { announced, asked }, pool } = replica;
  const ids = announced.get(peer);
  if (ids === undefined || asked.has(peer)) return;
  const wanted: string[] = [];
  for (const id of ids) {
    if (wanted.length === MAX_GOSSIP_TRANSACTIONS) break;
    ids.delete(id);
    if (!pool.hashes.has(id)) wanted.push(id);
  }
  if (ids.size === 0) announced.delete(peer);
  if (wanted.length === 0) return;
  const question = { kind: "transactions", hashes: wanted.map(hexToBytes) } as const;
  if (askPeer(replica, question, { kind: "peer", peer })) asked.add(peer);
}

/** A question to an announcer has ended, answered or not: on to the next. */
export function announcerDone(replica: Replica, peer: PeerId): void {
  replica.gossip.asked.delete(peer);
  askAnnouncer(replica, peer);
}

/**
 * The answer of an announcer. What did not fit into it is asked next.
 *
 * @throws {NodeError} `bad_answer` if it holds something that was not asked for.
 */
export function takeAnnounced(
  replica: Replica,
  asked: readonly Hash[],
  { transactions }: Extract<NodeAnswer, { kind: "transactions" }>,
  from: PeerId,
): void {
  const wanted = new Set(asked.map(bytesToHex));
  takeTransactions(replica, transactions, (hash) => {
    if (wanted.delete(bytesToHex(hash))) return;
    throw new NodeError("bad_answer", "The peer answered with a transaction that nobody asked it for.");
  });
  if (transactions.length > 0 && wanted.size > 0) {
    takeAnnouncement(replica, [...wanted].map(hexToBytes), from);
  }
}

/** Takes transactions of a peer into the pool. What no node may relay is its fault. */
export function takeTransactions(
  replica: Replica,
  transactions: readonly Uint8Array[],
  requireWanted: (hash: Hash) => void = () => {},
): void {
  for (const encoded of transactions) {
    try {
      const received = replica.pool.reader.read(encoded);
      requireWanted(received.hash);
      addReceived(replica.pool, replica.head.state, received, encoded);
    } catch (thrown) {
      if (thrown instanceof NodeError && thrown.code === "bad_answer") throw thrown;
      // What is used up, too early, too cheap or waiting already is common in gossip, and nobody's fault.
      if (thrown instanceof NodeError) continue;
      if (!(thrown instanceof TransactionError)) throw thrown;
      if (NEVER_VALID.has(thrown.code)) blame(replica, thrown);
    }
  }
  hastenBuild(replica);
}

const NEVER_VALID: ReadonlySet<string> = new Set(["malformed", "too_large", "wrong_chain", "bad_signature"]);

/** The answer to a request for transactions: those that wait here, as many as fit. */
export function answerTransactions({ pool }: Replica, hashes: readonly Hash[]): NodeAnswer {
  const held = hashes.flatMap((hash) => waitingTransaction(pool, hash) ?? []);
  return { kind: "transactions", transactions: [...inMessages(held)[0] ?? []] };
}

/**
 * Tells again of the local users' transactions that no block contains: leaders may have failed, and announcements been lost. One
 * message of them goes out in full, of the others only the ids.
 */
export function spreadAgain(replica: Replica): void {
  const { local, pool, gossip } = replica;
  let bytes = 0;
  for (const [hash, transaction] of local) {
    if (!pool.hashes.has(hash)) {
      local.delete(hash);
      continue;
    }
    gossip.unannounced.add(hash);
    bytes += transaction.length;
    const fits = gossip.untold.size < MAX_GOSSIP_TRANSACTIONS && bytes <= MAX_SENT_BYTES;
    if (fits) gossip.untold.set(hash, transaction);
  }
  if (gossip.unannounced.size > 0 && !gossip.isGathering) gather(replica);
}
