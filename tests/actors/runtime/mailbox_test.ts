import { assertEquals } from "@std/assert/equals.js";
import { assertThrows } from "@std/assert/throws.js";
import { ActorError, type Mail, type Mailbox, makeMailbox } from "../../../actors/runtime/mod.ts";

const LIMITS = { capacity: 3, perPeer: 2 };

function letter(peer: string, byte: number): Mail {
  return { kind: "message", from: { peer, role: "market" }, body: new Uint8Array([byte]), request: null };
}

function timer(name: string): Mail {
  return { kind: "timer", name };
}

async function takeOne(mailbox: Mailbox, signal: AbortSignal): Promise<Mail | undefined> {
  return (await mailbox.take(signal, 1))[0];
}

Deno.test("letters come out in the order they went in, signals before them", async () => {
  const mailbox = makeMailbox("market", LIMITS);
  const { signal } = new AbortController();
  mailbox.put(letter("a", 1));
  mailbox.put(letter("b", 2));
  mailbox.put(timer("tick"));
  assertEquals(await takeOne(mailbox, signal), timer("tick"));
  assertEquals(await takeOne(mailbox, signal), letter("a", 1));
  assertEquals(await takeOne(mailbox, signal), letter("b", 2));
  assertEquals(mailbox.size, 0);
});

Deno.test("a full mailbox refuses the newest letter with a typed error and keeps all it has", async () => {
  const mailbox = makeMailbox("market", LIMITS);
  for (const peer of ["a", "b", "c"]) mailbox.put(letter(peer, 0));
  const error = assertThrows(() => mailbox.put(letter("d", 0)), ActorError);
  assertEquals(error.code, "mailbox_full");
  const { signal } = new AbortController();
  for (const peer of ["a", "b", "c"]) assertEquals(await takeOne(mailbox, signal), letter(peer, 0));
});

Deno.test("one peer cannot fill the mailbox of another, and gets its room back as its letters are taken", async () => {
  const mailbox = makeMailbox("market", LIMITS);
  mailbox.put(letter("flood", 1));
  mailbox.put(letter("flood", 2));
  assertThrows(() => mailbox.put(letter("flood", 3)), ActorError);
  mailbox.put(letter("honest", 4));
  const { signal } = new AbortController();
  await takeOne(mailbox, signal);
  mailbox.put(letter("flood", 5));
  assertEquals(mailbox.size, 3);
});

Deno.test("signals are never refused, and the latest of a name waits once", async () => {
  const mailbox = makeMailbox("market", { capacity: 0, perPeer: 0 });
  const notice = (byte: number): Mail => ({
    kind: "notice",
    from: "validator",
    name: "finalized",
    body: new Uint8Array([byte]),
  });
  mailbox.put(notice(1));
  mailbox.put(timer("tick"));
  mailbox.put(notice(2));
  assertEquals(mailbox.size, 2);
  const { signal } = new AbortController();
  assertEquals(await takeOne(mailbox, signal), notice(2));
  assertEquals(await takeOne(mailbox, signal), timer("tick"));
});

Deno.test("who waits at an empty mailbox is woken by mail, or by the signal", async () => {
  const mailbox = makeMailbox("market", LIMITS);
  const controller = new AbortController();
  const waiting = takeOne(mailbox, controller.signal);
  mailbox.put(timer("tick"));
  assertEquals(await waiting, timer("tick"));
  const idle = takeOne(mailbox, controller.signal);
  controller.abort();
  assertEquals(await idle, undefined);
});

Deno.test("a bundle is as much as waits, but no more than is wanted", async () => {
  const mailbox = makeMailbox("market", LIMITS);
  const { signal } = new AbortController();
  for (const peer of ["a", "b", "c"]) mailbox.put(letter(peer, 0));
  mailbox.put(timer("tick"));
  assertEquals(await mailbox.take(signal, 3), [timer("tick"), letter("a", 0), letter("b", 0)]);
  assertEquals(await mailbox.take(signal, 3), [letter("c", 0)]);
});

Deno.test("mail that is put back is next again in its order, takes up its sender's room, and gives way to a later signal", async () => {
  const mailbox = makeMailbox("market", LIMITS);
  const { signal } = new AbortController();
  const notice = (byte: number): Mail => ({
    kind: "notice",
    from: "validator",
    name: "finalized",
    body: new Uint8Array([byte]),
  });
  mailbox.put(letter("a", 1));
  mailbox.put(letter("a", 2));
  mailbox.put(notice(1));
  const bundle = await mailbox.take(signal, 3);
  mailbox.put(letter("b", 3));
  mailbox.put(notice(2));
  mailbox.putBack(bundle);
  assertThrows(() => mailbox.put(letter("a", 4)), ActorError);
  assertEquals(await mailbox.take(signal, 4), [notice(2), letter("a", 1), letter("a", 2), letter("b", 3)]);
});
