/**
 * A {@link Link} over a libp2p node that listens. Importing this module loads the native WebRTC library.
 *
 * @module
 */
import type { Link } from "./link.ts";
import { linkOver } from "./link_libp2p.ts";
import { type NodeOptions, startNode } from "./listening_node_libp2p.ts";

/**
 * Starts a node and makes a link of it.
 *
 * @throws {NetError} as {@link startNode}.
 */
export function startLink(options: Omit<NodeOptions, "admits">): Promise<Link> {
  return linkOver((admits) => startNode({ ...options, admits }));
}
