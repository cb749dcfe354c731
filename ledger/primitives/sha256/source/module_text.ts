/**
 * SHA-256 (FIPS 180-4, section 6.2) of what lies in a linear memory, as WebAssembly text.
 *
 * The first sixteen rounds read the block; the others run in a loop of sixteen, in which word `t` of the message schedule is made in
 * the place of word `t - 16`. The working variables stay in locals that change their names from round to round.
 *
 * @module
 */
import { CONSTANTS_AT, DIGEST_AT, INPUT_AT } from "../layout.ts";

type Text = string;

const get = (name: string): Text => `(local.get $${name})`;
const set = (name: string, value: Text): Text => `(local.set $${name} ${value})`;
const int = (value: number): Text => `(i32.const ${value})`;
const all = (instruction: string, ...operands: readonly Text[]): Text =>
  operands.reduce((left, right) => `(i32.${instruction} ${left} ${right})`);
const rotated = (x: Text, by: number): Text => all("rotr", x, int(by));
const shifted = (x: Text, by: number): Text => all("shr_u", x, int(by));

/** The bytes of a word the other way round: SHA-256 is big-endian, WebAssembly little-endian. */
const swapped = (x: Text): Text =>
  all("or", all("and", rotated(x, 24), int(0x00ff00ff)), all("and", rotated(x, 8), int(0xff00ff00)));

/** First 32 bits of the fractional part of a root of a prime: `floor(2^32 prime^(1/degree))` without what lies above, by whole numbers. */
function rootBits(prime: number, degree: bigint): number {
  const radicand = BigInt(prime) << 32n * degree;
  let low = 0n, high = 1n << 40n;
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (middle ** degree <= radicand) low = middle;
    else high = middle;
  }
  return Number(low & 0xffffffffn);
}

function firstPrimes(count: number): readonly number[] {
  const primes: number[] = [];
  for (let n = 2; primes.length < count; n++) if (primes.every((prime) => n % prime !== 0)) primes.push(n);
  return primes;
}

const STATE = ["a", "b", "c", "d", "e", "f", "g", "h"] as const;

/** What stands in the place of a working variable in a round: they move on by one from each to the next. */
function variableIn(round: number, variable: number): string {
  return STATE[(variable - round % 8 + 8) % 8] ?? "a";
}

function scheduled(t: number): Text {
  const word = (back: number) => get(`w${(t - back + 16) % 16}`);
  const [before2, before15] = [word(2), word(15)];
  const sigma1 = all("xor", rotated(before2, 17), rotated(before2, 19), shifted(before2, 10));
  const sigma0 = all("xor", rotated(before15, 7), rotated(before15, 18), shifted(before15, 3));
  return set(`w${t}`, all("add", word(16), sigma0, word(7), sigma1));
}

function round(t: number): Text {
  const [a, b, c, d, e, f, g, h] = STATE.map((_, i) => variableIn(t, i));
  if (!a || !b || !c || !d || !e || !f || !g || !h) return "";
  const sum1 = all("xor", rotated(get(e), 6), rotated(get(e), 11), rotated(get(e), 25));
  const choice = all("xor", get(g), all("and", get(e), all("xor", get(f), get(g))));
  const sum0 = all("xor", rotated(get(a), 2), rotated(get(a), 13), rotated(get(a), 22));
  const majority = all("xor", all("and", get(a), get(b)), all("and", get(c), all("xor", get(a), get(b))));
  return [
    set("t", all("add", get(h), sum1, choice, `(i32.load offset=${4 * t} ${get("k")})`, get(`w${t}`))),
    set(d, all("add", get(d), get("t"))),
    set(h, all("add", get("t"), sum0, majority)),
  ].join("\n");
}

/** Writes the end of the message, which is `length` bytes long: one bit, zeros, and the length in bits. */
function padding(): Text {
  const end = all("add", get("length"), int(INPUT_AT));
  return [
    set("end", all("add", int(INPUT_AT), all("and", all("add", get("length"), int(72)), int(-64)))),
    `(memory.fill ${end} ${int(0)} ${all("sub", get("end"), end)})`,
    `(i32.store8 ${end} ${int(0x80)})`,
    `(i32.store ${all("sub", get("end"), int(4))} ${swapped(all("shl", get("length"), int(3)))})`,
  ].join("\n");
}

/** WebAssembly text of the module: `digest(length)` hashes so many bytes of the memory that it exports. */
export function moduleText(): Text {
  const sixteen = Array.from({ length: 16 }, (_, t) => t);
  const hex = (word: number) =>
    [0, 8, 16, 24].map((by) => `\\${(word >>> by & 255).toString(16).padStart(2, "0")}`);
  const constants = firstPrimes(64).flatMap((prime) => hex(rootBits(prime, 3n))).join("");
  const chained = STATE.map((name) => `x${name}`);
  const locals = [...STATE, ...chained, ...sixteen.map((t) => `w${t}`), "t", "k", "at", "end"];
  return `(module
(memory (export "memory") 1 1)
(data (i32.const ${CONSTANTS_AT}) "${constants}")
(func (export "digest") (param $length i32)
${locals.map((name) => `(local $${name} i32)`).join("\n")}
${padding()}
${firstPrimes(8).map((prime, i) => set(chained[i] ?? "", int(rootBits(prime, 2n)))).join("\n")}
${set("at", int(INPUT_AT))}
(loop $blocks
${STATE.map((name) => set(name, get(`x${name}`))).join("\n")}
${sixteen.map((t) => set(`w${t}`, swapped(`(i32.load offset=${4 * t} ${get("at")})`))).join("\n")}
${set("k", int(CONSTANTS_AT))}
${sixteen.map(round).join("\n")}
(loop $rounds
${set("k", all("add", get("k"), int(64)))}
${sixteen.map((t) => `${scheduled(t)}\n${round(t)}`).join("\n")}
(br_if $rounds ${`(i32.lt_u ${get("k")} ${int(CONSTANTS_AT + 192)})`}))
${STATE.map((name) => set(`x${name}`, all("add", get(`x${name}`), get(name)))).join("\n")}
${set("at", all("add", get("at"), int(64)))}
(br_if $blocks (i32.lt_u ${get("at")} ${get("end")})))
${
    chained.map((name, i) => `(i32.store offset=${DIGEST_AT + 4 * i} ${int(0)} ${swapped(get(name))})`).join(
      "\n",
    )
  }
))
`;
}
