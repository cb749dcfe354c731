/**
 * How peers learn each other's addresses: on connecting, two peers swap signed records; somebody who needs a peer that it
 * cannot place asks those it is connected to. A distributed hash table replaces the asking in larger networks.
 *
 * @module
 */
import {
  bytes32,
  decode,
  encode,
  formatAddress,
  list,
  nullable,
  parseAddress,
  record,
} from "../ledger/primitives/mod.ts";
import { type AddressBook, AddressRecord } from "./address_book.ts";
import { asNetError, NetError } from "./errors.ts";
import { pause, type Timers } from "./timers.ts";
import type { PeerId, Transport } from "./transport.ts";

/** Protocol name; the number changes with the message format. */
export const ADDRESS_PROTOCOL = "/assay/addresses/1";

/** Records in one message: a small network at once, about 20 KiB. */
const MAX_RECORDS = 64;

/** Peers asked for one address. Those connected longest are asked first: bootstrap peers know most. */
const MAX_ASKED = 4;

/** Who knows an address answers from memory: longer than this, and it is overloaded. */
const ASK_TIMEOUT_MS = 2_000;

/** A peer that has just come is known a moment later, when it has swapped records: ask again after that moment. */
const ROUNDS = 2;
const ROUND_PAUSE_MS = 500;

const AddressMessage = record("AddressMessage", {
  /** The peer whose record is asked for, or `null` to swap what both know. */
  wanted: nullable(bytes32),
  records: list(AddressRecord, MAX_RECORDS),
});

/** What the exchange needs of the node it belongs to. */
export interface AddressExchangeOptions {
  readonly transport: Pick<Transport, "self" | "peers" | "request" | "handle">;
  readonly book: AddressBook;
  readonly timers: Timers;
  /** This node's own signed record, fresh. */
  own(): AddressRecord;
}

/** Swapping and asking. */
export interface AddressExchange {
  /** Swaps records with a peer just connected. Throws what the request throws. */
  swap(peer: PeerId): Promise<void>;
  /** The addresses that connected peers know for a peer, or the book does. Empty if nobody knows. */
  find(peer: PeerId, signal: AbortSignal): Promise<readonly string[]>;
}

/** Serves {@link ADDRESS_PROTOCOL} on a transport, and uses it. */
export function makeAddressExchange(options: AddressExchangeOptions): AddressExchange {
  const { transport, book, timers, own } = options;

  const take = (records: readonly AddressRecord[]) => {
    for (const entry of records) {
      if (!book.add(entry)) {
        throw new NetError(
          "protocol_error",
          "An address record has a wrong signature: the message was not taken further.",
        );
      }
    }
  };

  const read = (message: Uint8Array) => {
    try {
      return decode(AddressMessage, message);
    } catch (thrown) {
      throw asNetError(thrown, "protocol_error", "The bytes are not an address message.");
    }
  };

  const all = () => [own(), ...book.latest(MAX_RECORDS - 1)];

  transport.handle(ADDRESS_PROTOCOL, (_from, message) => {
    const { wanted, records } = read(message);
    const known = wanted === null ? undefined : book.get(formatAddress(wanted));
    const reply = wanted === null ? all() : known === undefined ? [] : [known];
    take(records);
    return Promise.resolve(encode(AddressMessage, { wanted: null, records: reply }));
  });

  const ask = async (
    peer: PeerId,
    wanted: Uint8Array | null,
    records: readonly AddressRecord[],
    signal?: AbortSignal,
  ) => {
    const message = encode(AddressMessage, { wanted, records });
    const reply = await transport.request(peer, ADDRESS_PROTOCOL, message, {
      timeoutMs: ASK_TIMEOUT_MS,
      signal,
    });
    take(read(reply).records);
  };

  return {
    swap: (peer) => ask(peer, null, all()),
    async find(peer, signal) {
      const wanted = parseAddress(peer);
      for (let round = 1;; round++) {
        const asked = transport.peers().slice(0, MAX_ASKED);
        // Whoever does not answer, or lies, is as good as somebody who does not know.
        await Promise.allSettled(asked.map((other) => ask(other, wanted, [], signal)));
        const found = book.get(peer)?.claim.addresses;
        if (found !== undefined || round === ROUNDS || asked.length === 0 || signal.aborted) {
          return found ?? [];
        }
        await pause(timers, ROUND_PAUSE_MS, signal);
      }
    },
  };
}
