/**
 * An actor's waiting mail.
 *
 * Policy: letters are bounded, in total and for each sender, and the newest is refused with a typed error, so that whoever
 * sent it knows; nothing that was taken is ever dropped. Signals (see `envelope.ts`) go first and are unbounded only in name: of
 * each, the latest waits once.
 *
 * @module
 */
import { ActorError } from "./errors.ts";
import { isLetter, type Letter, type Mail } from "./envelope.ts";

/** Bounds of a mailbox. */
export interface MailboxLimits {
  /** Letters that wait at most. */
  readonly capacity: number;
  /** Letters of one peer that wait at most, so that a flood from one stops only that one. */
  readonly perPeer: number;
}

/** A block's worth of gossip and requests fits; four megabytes each is the worst case in memory, refused long before by net/. */
export const DEFAULT_MAILBOX: MailboxLimits = { capacity: 512, perPeer: 128 };

/** Waiting mail. */
export interface Mailbox {
  readonly size: number;
  /**
   * Takes mail in.
   *
   * @throws {ActorError} `mailbox_full` for a letter beyond the bounds.
   */
  put(mail: Mail): void;
  /** The next pieces of mail, at most so many; waits for the first. Resolves with none when `signal` fires first. One taker at a time. */
  take(signal: AbortSignal, most: number): Promise<readonly Mail[]>;
  /** Has mail back that was taken and not handled: it is next again, in its order. A signal that came anew meanwhile stays. */
  putBack(mail: readonly Mail[]): void;
}

function senderOf(letter: Letter): string {
  switch (letter.kind) {
    case "message":
      return letter.from.peer;
    case "published":
      return letter.from;
    case "undelivered":
      return "";
  }
}

function signalKey(mail: Exclude<Mail, Letter>): string {
  return mail.kind === "notice" ? `notice/${mail.from}/${mail.name}` : `${mail.kind}/${mail.name}`;
}

/**
 * An empty mailbox.
 *
 * @param owner The role it belongs to, for error sentences.
 */
export function makeMailbox(owner: string, limits: MailboxLimits): Mailbox {
  const signals = new Map<string, Mail>();
  const letters: Letter[] = [];
  const waitingOf = new Map<string, number>();
  let wake: (() => void) | undefined;

  const next = (): Mail | undefined => {
    for (const [key, mail] of signals) {
      signals.delete(key);
      return mail;
    }
    const letter = letters.shift();
    if (letter === undefined) return undefined;
    const sender = senderOf(letter);
    const left = (waitingOf.get(sender) ?? 1) - 1;
    if (left === 0) waitingOf.delete(sender);
    else waitingOf.set(sender, left);
    return letter;
  };

  const takeUpTo = (most: number): readonly Mail[] => {
    const taken: Mail[] = [];
    while (taken.length < most) {
      const mail = next();
      if (mail === undefined) break;
      taken.push(mail);
    }
    return taken;
  };

  const countIn = (letter: Letter) => {
    const sender = senderOf(letter);
    waitingOf.set(sender, (waitingOf.get(sender) ?? 0) + 1);
  };

  const putLetter = (letter: Letter) => {
    const waiting = waitingOf.get(senderOf(letter)) ?? 0;
    if (letters.length >= limits.capacity || waiting >= limits.perPeer) {
      throw new ActorError(
        "mailbox_full",
        `The ${owner} has ${letters.length} messages waiting, ${waiting} of them from the same sender: try again later.`,
        { owner, waiting: letters.length },
      );
    }
    countIn(letter);
    letters.push(letter);
  };

  return {
    get size() {
      return signals.size + letters.length;
    },
    put(mail) {
      if (isLetter(mail)) putLetter(mail);
      else signals.set(signalKey(mail), mail);
      wake?.();
    },
    async take(signal, most) {
      while (!signal.aborted) {
        const taken = takeUpTo(most);
        if (taken.length > 0) return taken;
        const { promise, resolve } = Promise.withResolvers<void>();
        const stir = () => resolve();
        wake = stir;
        signal.addEventListener("abort", stir);
        await promise;
        signal.removeEventListener("abort", stir);
        wake = undefined;
      }
      return [];
    },
    putBack(mail) {
      const back = mail.filter(isLetter);
      for (const letter of back) countIn(letter);
      letters.unshift(...back);
      const meanwhile = [...signals];
      signals.clear();
      for (const signal of mail) if (!isLetter(signal)) signals.set(signalKey(signal), signal);
      for (const [key, signal] of meanwhile) signals.set(key, signal);
    },
  };
}
