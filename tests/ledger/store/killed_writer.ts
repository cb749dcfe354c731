/**
 * A process that writes votes and final blocks as fast as it can and says which view and final
 * height were acknowledged; to be killed. A restarted one
 * goes on where the store is, and votes for another block than its predecessor would have.
 *
 * @module
 */
import { openSqliteStore } from "../../../ledger/store/store_sqlite.ts";
import { fill, testVote } from "./store_suite.ts";

const [path = ""] = Deno.args;
const store = openSqliteStore({ path, chainId: fill(7) });
const { votes } = store.load();
const last = votes.reduce((most, { vote }) => vote.kind === "notarize" ? vote.proposal.view : most, 0n);
for (let view = last + 1n; view < last + 100_000n; view++) {
  store.persist([{ kind: "vote", vote: testVote("notarize", view, Deno.pid % 251) }]);
  if (view % 10n === 0n) {
    const height = store.finalizedHeight + 1n;
    const hash = new Uint8Array(32);
    new DataView(hash.buffer).setBigUint64(0, height);
    const block = new Uint8Array(5_000);
    store.persist([{ kind: "block", height, hash, block }, {
      kind: "finalized",
      height,
      hash,
      certificate: null,
    }]);
  }
  Deno.stdout.writeSync(new TextEncoder().encode(`${view} ${store.finalizedHeight}\n`));
}
