/**
 * SHA-256 (FIPS 180-4, section 6.2) of what lies in a linear memory, as WebAssembly text: of one input, or of four of one length, whose
 * words then lie side by side in vectors.
 *
 * The first sixteen rounds read the block; the others run in a loop of sixteen, in which word `t` of the message schedule is made in
 * the place of word `t - 16`. The working variables stay in locals that change their names from round to round.
 *
 * @module
 */
import { CONSTANTS_AT, DIGEST_AT, DIGEST_BYTES, INPUT_AT, LANE_BYTES, LANES } from "../layout.ts";

type Text = string;

const get = (name: string): Text => `(local.get $${name})`;
const set = (name: string, value: Text): Text => `(local.set $${name} ${value})`;
const address = (value: number): Text => `(i32.const ${value})`;
const joined = (instruction: string, operands: readonly Text[]): Text =>
  operands.reduce((left, right) => `(${instruction} ${left} ${right})`);
const plus = (...operands: readonly Text[]): Text => joined("i32.add", operands);

/** The words that a function computes on: those of one input, or of {@link LANES}. */
interface Words {
  readonly type: "i32" | "v128";
  readonly lanes: number;
  int(value: number): Text;
  and(...operands: readonly Text[]): Text;
  xor(...operands: readonly Text[]): Text;
  add(...operands: readonly Text[]): Text;
  rotated(x: Text, by: number): Text;
  shifted(x: Text, by: number): Text;
  /** The word at `$k`, and so many bytes on, for all lanes. */
  constant(offset: number): Text;
  /** Sets `w0` to `w15` to the words of the block at `$at`. */
  readBlock(): Text;
  /** Stores the digests: the words `xa` to `xh`. */
  writeDigests(): Text;
}

const STATE = ["a", "b", "c", "d", "e", "f", "g", "h"] as const;

const SIXTEEN = Array.from({ length: 16 }, (_, t) => t);

const rotatedWord = (x: Text, by: number): Text => `(i32.rotr ${x} ${address(by)})`;

/** The bytes of a word the other way round: SHA-256 is big-endian, WebAssembly little-endian. */
const swappedWord = (x: Text): Text =>
  `(i32.or (i32.and ${rotatedWord(x, 24)} ${address(0x00ff00ff)}) ` +
  `(i32.and ${rotatedWord(x, 8)} ${address(0xff00ff00)}))`;

const ONE: Words = {
  type: "i32",
  lanes: 1,
  int: address,
  and: (...operands) => joined("i32.and", operands),
  xor: (...operands) => joined("i32.xor", operands),
  add: plus,
  rotated: rotatedWord,
  shifted: (x, by) => `(i32.shr_u ${x} ${address(by)})`,
  constant: (offset) => `(i32.load offset=${offset} ${get("k")})`,
  readBlock: () =>
    SIXTEEN.map((t) => set(`w${t}`, swappedWord(`(i32.load offset=${4 * t} ${get("at")})`))).join("\n"),
  writeDigests: () =>
    STATE.map((name, i) =>
      `(i32.store offset=${DIGEST_AT + 4 * i} ${address(0)} ${swappedWord(get(`x${name}`))})`
    ).join("\n"),
};

const shuffled = (left: Text, right: Text, lanes: readonly number[]): Text =>
  `(i8x16.shuffle ${lanes.join(" ")} ${left} ${right})`;

/** Bytes of so many words, by their numbers among those of two vectors. */
const wordsOf = (...words: readonly number[]): readonly number[] =>
  words.flatMap((word) => [0, 1, 2, 3].map((byte) => 4 * word + byte));

const swappedVector = (x: Text): Text =>
  shuffled(x, x, [0, 1, 2, 3].flatMap((word) => [3, 2, 1, 0].map((byte) => 4 * word + byte)));

/** Four vectors of four words as a matrix, turned: the words that stood at one place of each stand in one. `t0` to `t3` are lost. */
function turned(names: readonly string[]): Text {
  const [first, second, third, fourth] = names.map(get);
  if (!first || !second || !third || !fourth) return "";
  const [low, high, left, right] = [
    wordsOf(0, 4, 1, 5),
    wordsOf(2, 6, 3, 7),
    wordsOf(0, 1, 4, 5),
    wordsOf(2, 3, 6, 7),
  ];
  const halves = [
    shuffled(first, second, low),
    shuffled(third, fourth, low),
    shuffled(first, second, high),
    shuffled(third, fourth, high),
  ];
  const wholes = [[0, 1, left], [0, 1, right], [2, 3, left], [2, 3, right]] as const;
  return [
    ...halves.map((half, i) => set(`t${i}`, half)),
    ...wholes.map(([one, other, lanes], i) =>
      set(names[i] ?? "", shuffled(get(`t${one}`), get(`t${other}`), lanes))
    ),
  ].join("\n");
}

const EACH = Array.from({ length: LANES }, (_, lane) => lane);

const SIDE_BY_SIDE: Words = {
  type: "v128",
  lanes: LANES,
  int: (value) => `(v128.const i32x4 ${EACH.map(() => value).join(" ")})`,
  and: (...operands) => joined("v128.and", operands),
  xor: (...operands) => joined("v128.xor", operands),
  add: (...operands) => joined("i32x4.add", operands),
  rotated: (x, by) => `(v128.or (i32x4.shr_u ${x} ${address(by)}) (i32x4.shl ${x} ${address(32 - by)}))`,
  shifted: (x, by) => `(i32x4.shr_u ${x} ${address(by)})`,
  constant: (offset) => `(v128.load32_splat offset=${offset} ${get("k")})`,
  readBlock: () =>
    [0, 4, 8, 12].flatMap((from) => {
      const names = EACH.map((lane) => `w${from + lane}`);
      const words = EACH.map((lane) =>
        swappedVector(`(v128.load offset=${4 * from + lane * LANE_BYTES} ${get("at")})`)
      );
      return [...names.map((name, lane) => set(name, words[lane] ?? "")), turned(names)];
    }).join("\n"),
  writeDigests: () =>
    [0, 4].flatMap((from) => {
      const names = STATE.slice(from, from + 4).map((name) => `x${name}`);
      const stores = names.map((name, lane) =>
        `(v128.store offset=${DIGEST_AT + DIGEST_BYTES * lane + 4 * from} ${address(0)} ${
          swappedVector(get(name))
        })`
      );
      return [turned(names), ...stores];
    }).join("\n"),
};

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

/** What stands in the place of a working variable in a round: they move on by one from each to the next. */
function variableIn(round: number, variable: number): string {
  return STATE[(variable - round % 8 + 8) % 8] ?? "a";
}

function scheduled(words: Words, t: number): Text {
  const word = (back: number) => get(`w${(t - back + 16) % 16}`);
  const { rotated, shifted, xor } = words, [before2, before15] = [word(2), word(15)];
  const sigma1 = xor(rotated(before2, 17), rotated(before2, 19), shifted(before2, 10));
  const sigma0 = xor(rotated(before15, 7), rotated(before15, 18), shifted(before15, 3));
  return set(`w${t}`, words.add(word(16), sigma0, word(7), sigma1));
}

function round({ add, and, xor, rotated, constant }: Words, t: number): Text {
  const [a, b, c, d, e, f, g, h] = STATE.map((_, i) => variableIn(t, i));
  if (!a || !b || !c || !d || !e || !f || !g || !h) return "";
  const sum1 = xor(rotated(get(e), 6), rotated(get(e), 11), rotated(get(e), 25));
  const choice = xor(get(g), and(get(e), xor(get(f), get(g))));
  const sum0 = xor(rotated(get(a), 2), rotated(get(a), 13), rotated(get(a), 22));
  const majority = xor(and(get(a), get(b)), and(get(c), xor(get(a), get(b))));
  return [
    set("t0", add(get(h), sum1, choice, constant(4 * t), get(`w${t}`))),
    set(d, add(get(d), get("t0"))),
    set(h, add(get("t0"), sum0, majority)),
  ].join("\n");
}

/** Sets `end` to where an input ends that is `length` bytes long and padded: by one bit, zeros, and the length in bits, which are written. */
function padding(lane: number): Text {
  const from = INPUT_AT + lane * LANE_BYTES, end = plus(get("length"), address(from));
  return [
    set("end", plus(address(from), `(i32.and ${plus(get("length"), address(72))} ${address(-64)})`)),
    `(memory.fill ${end} ${address(0)} (i32.sub ${get("end")} ${end}))`,
    `(i32.store8 ${end} ${address(0x80)})`,
    `(i32.store (i32.sub ${get("end")} ${address(4)}) ${
      swappedWord(`(i32.shl ${get("length")} ${address(3)})`)
    })`,
  ].join("\n");
}

/** A function that hashes inputs of `length` bytes, one in each lane. */
function digestFunction(name: string, words: Words): Text {
  const chained = STATE.map((variable) => `x${variable}`);
  const scratch = [0, 1, 2, 3].map((i) => `t${i}`);
  const vectors = [...STATE, ...chained, ...SIXTEEN.map((t) => `w${t}`), ...scratch];
  // The first lane last: by its end the loop ends.
  const lanes = Array.from({ length: words.lanes }, (_, lane) => words.lanes - 1 - lane);
  return `(func (export "${name}") (param $length i32)
${vectors.map((local) => `(local $${local} ${words.type})`).join("\n")}
(local $k i32) (local $at i32) (local $end i32)
${lanes.map(padding).join("\n")}
${firstPrimes(8).map((prime, i) => set(chained[i] ?? "", words.int(rootBits(prime, 2n)))).join("\n")}
${set("at", address(INPUT_AT))}
(loop $blocks
${STATE.map((variable) => set(variable, get(`x${variable}`))).join("\n")}
${words.readBlock()}
${set("k", address(CONSTANTS_AT))}
${SIXTEEN.map((t) => round(words, t)).join("\n")}
(loop $rounds
${set("k", plus(get("k"), address(64)))}
${SIXTEEN.map((t) => `${scheduled(words, t)}\n${round(words, t)}`).join("\n")}
(br_if $rounds (i32.lt_u ${get("k")} ${address(CONSTANTS_AT + 192)})))
${STATE.map((variable) => set(`x${variable}`, words.add(get(`x${variable}`), get(variable)))).join("\n")}
${set("at", plus(get("at"), address(64)))}
(br_if $blocks (i32.lt_u ${get("at")} ${get("end")})))
${words.writeDigests()})`;
}

/**
 * WebAssembly text of the module: `digest(length)` hashes the first so many bytes of the input in the memory that it exports, `digests(length)`
 * those of the input in each lane.
 */
export function moduleText(): Text {
  const hex = (word: number) =>
    [0, 8, 16, 24].map((by) => `\\${(word >>> by & 255).toString(16).padStart(2, "0")}`);
  const constants = firstPrimes(64).flatMap((prime) => hex(rootBits(prime, 3n))).join("");
  return `(module
(memory (export "memory") 1 1)
(data (i32.const ${CONSTANTS_AT}) "${constants}")
${digestFunction("digest", ONE)}
${digestFunction("digests", SIDE_BY_SIDE)})
`;
}
