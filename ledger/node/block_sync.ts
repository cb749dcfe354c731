/**
 * Catching up on final blocks: as a follower, block by block as they are published; behind by more, in ranges.
 *
 * An answer is a run of blocks of one epoch and a certificate for its last block or, over a chain of headers, for a later one. The
 * certificate is checked against the validator set in this node's own state, and every block is executed.
 *
 * @module
 */
import { blockHash, type BlockHeader } from "../chain/mod.ts";
import { type Certificate, ConsensusError, verifyCertificate } from "../consensus/mod.ts";
import { equalBytes } from "../primitives/mod.ts";
import { addBlock, type KnownBlock, knownFromBytes } from "./block_tree.ts";
import type { PeerId, RequestTarget } from "./effects.ts";
import { NodeError } from "./errors.ts";
import { executeOn, finalizeTo } from "./execution.ts";
import type { NodeAnswer, NodeMessage } from "./messages.ts";
import type { Replica } from "./replica_state.ts";
import { askPeer } from "./requests.ts";
import { drive, driveWithBlock } from "./voting.ts";

/** Heights that consensus itself makes up for, by fetching single blocks; beyond, ranges are faster. */
const REPAIR_HEIGHTS = 4n;

/** Asks for the blocks after the head, one range at a time. */
export function requestRange(replica: Replica, to: RequestTarget): void {
  if (replica.syncing) return;
  replica.syncing = askPeer(replica, { kind: "range", from: replica.head.height + 1n }, to);
}

/** Whether a finalization is so far ahead that consensus should not go after it alone; asks its sender for the range if so. */
export function isFarAhead(replica: Replica, { vote }: Certificate, from: PeerId): boolean {
  if (vote.kind !== "finalize" || vote.proposal.height <= replica.head.height + REPAIR_HEIGHTS) return false;
  requestRange(replica, { kind: "peer", peer: from });
  return true;
}

/** A published final block: the next one is taken, a later one is a reason to ask for what lies between. */
export function takePublished(
  replica: Replica,
  { block, certificate }: Extract<NodeMessage, { kind: "finalized" }>,
  from: PeerId,
): void {
  // Validators finalize what they voted for before they hear of it here: nothing of it needs to be read.
  const { vote } = certificate;
  if (vote.kind !== "finalize" || vote.proposal.height <= replica.head.height) return;
  const known = knownFromBytes(block);
  const { header } = known.block;
  if (header.height <= replica.head.height || isFarAhead(replica, certificate, from)) return;
  if (replica.core !== undefined && header.epoch === replica.epoch) {
    driveWithBlock(replica, known, () => ({ kind: "certificate", certificate }));
    return;
  }
  if (header.height > replica.head.height + 1n) {
    requestRange(replica, { kind: "peer", peer: from });
    return;
  }
  applyRun(replica, [known], [], certificate);
}

/** The answer to {@link requestRange}. Asks on while there is more. Throws {@link NodeError} for an answer that does not hold. */
export function takeRange(
  replica: Replica,
  { blocks, link, certificate }: Extract<NodeAnswer, { kind: "range" }>,
  from: PeerId,
): void {
  replica.syncing = false;
  if (blocks.length === 0 || certificate === null) return;
  const known = blocks.map(knownFromBytes).filter(({ block }) => block.header.height > replica.head.height);
  if (known.length === 0) return;
  applyRun(replica, known, link, certificate);
  requestRange(replica, { kind: "peer", peer: from });
}

/** Checks a run against the certificate, executes it and makes it final. */
function applyRun(
  replica: Replica,
  run: readonly KnownBlock[],
  link: readonly BlockHeader[],
  certificate: Certificate,
): void {
  requireCertified(replica, run, link, certificate);
  for (const [i, fresh] of run.entries()) {
    const known = addBlock(replica.tree, fresh);
    // A quorum certified it: if executing it fails, this node's rules differ from the network's, and the error stops it.
    known.result ??= executeOn(replica, replica.head.state, known);
    const isLast = i === run.length - 1 && link.length === 0;
    finalizeTo(replica, known.hash, isLast ? certificate : null);
  }
  const { head } = replica;
  const view = link.length === 0 && certificate.vote.kind === "finalize"
    ? certificate.vote.proposal.view
    : head.header?.view ?? 0n;
  drive(replica, { kind: "synced", block: head.hash, height: head.height, view });
}

function requireCertified(
  replica: Replica,
  run: readonly KnownBlock[],
  link: readonly BlockHeader[],
  certificate: Certificate,
): void {
  const refuse = (message: string): never => {
    throw new NodeError("bad_answer", `${message} Ask another peer.`, { from: replica.head.height + 1n });
  };
  let { hash, height } = replica.head;
  for (const header of [...run.map(({ block }) => block.header), ...link]) {
    const follows = equalBytes(header.parent, hash) && header.height === height + 1n;
    if (!follows) refuse(`Height ${header.height} does not follow on ${height}.`);
    if (header.epoch !== replica.epoch) refuse(`Height ${header.height} is of another epoch.`);
    hash = blockHash(header);
    height = header.height;
  }
  const { vote } = certificate;
  if (vote.kind !== "finalize" || !equalBytes(vote.proposal.block, hash)) {
    refuse("The certificate does not finalize the last block.");
  }
  try {
    verifyCertificate(replica.chainId, replica.validators, certificate);
  } catch (thrown) {
    if (!(thrown instanceof ConsensusError)) throw thrown;
    refuse(thrown.message);
  }
}
