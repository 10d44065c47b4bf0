// DEFLATE (RFC 1951), unpacked piece by piece, strictly: what is packed must end exactly where its last block ends.
//
// Its own, because what browsers offer differs in what it lets pass behind the last block, and cannot be stopped at a length.

import type { Bytes } from "./bytes.ts";
import { refuse } from "./refused.ts";

const WINDOW = 32768;
const PIECE = 65536;
const LONGEST = 258;
const BITS = 15;

const LENGTHS = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];
const LENGTH_EXTRA = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const DISTANCES = [1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577];
const DISTANCE_EXTRA = DISTANCES.map((_, i) => Math.max(0, (i >> 1) - 1));
const ORDER_OF_LENGTHS = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const END = 256;

/** For all bits that may come next, as many as the longest word has: symbol · 16 + its length in bits; 0 for none. */
type Code = Uint16Array;

/** Unpack; `next` gives packed bytes until they end. Throws Refused at `where`. */
export function* inflate(next: () => Bytes | null, where: string): Generator<Bytes, void> {
  const stream = new Inflation(next, where);
  for (;;) {
    const done = stream.run();
    const piece = stream.piece();
    if (piece.length > 0) yield piece;
    if (done) return;
  }
}

class Inflation {
  readonly #next: () => Bytes | null;
  readonly #where: string;
  #packed: Bytes = new Uint8Array(0);
  #at = 0;
  #held = 0;
  #count = 0;
  readonly #out = new Uint8Array(WINDOW + PIECE + LONGEST);
  #end = 0;
  #given = 0;
  #last = false;
  /** What is left of a stored block; −1 where no such block is open. */
  #stored = -1;
  #codes: readonly [Code, Code] | null = null;

  constructor(next: () => Bytes | null, where: string) {
    this.#next = next;
    this.#where = where;
  }

  /** Go on until a piece is full (false) or everything is unpacked (true). */
  run(): boolean {
    while (this.#end < WINDOW + PIECE) {
      if (this.#codes !== null) this.#symbols(...this.#codes);
      else if (this.#stored >= 0) this.#copy();
      else if (this.#last) return this.#finish();
      else this.#block();
    }
    return false;
  }

  /** What was unpacked since the last piece; what may be referred to again stays. */
  piece(): Bytes {
    const made = this.#out.slice(this.#given, this.#end);
    if (this.#end > WINDOW) {
      this.#out.copyWithin(0, this.#end - WINDOW, this.#end);
      this.#end = WINDOW;
    }
    this.#given = this.#end;
    return made;
  }

  #refuse(why: string): never {
    refuse(this.#where, `is not packed by RFC 1951: ${why}`);
  }

  #fill(): void {
    while (this.#count <= 24) {
      if (this.#at === this.#packed.length) {
        const more = this.#next();
        if (more === null) return;
        this.#packed = more;
        this.#at = 0;
        continue;
      }
      this.#held |= this.#packed[this.#at++]! << this.#count;
      this.#count += 8;
    }
  }

  #drop(bits: number): void {
    if (bits > this.#count) this.#refuse("it is cut off");
    this.#held = bits === 32 ? 0 : this.#held >>> bits;
    this.#count -= bits;
  }

  #bits(bits: number): number {
    this.#fill();
    const value = this.#held & (2 ** bits - 1);
    this.#drop(bits);
    return value;
  }

  #symbol(code: Code): number {
    this.#fill();
    const found = code[this.#held & (code.length - 1)]!;
    if (found === 0) this.#refuse("a code that means nothing");
    this.#drop(found & 15);
    return found >> 4;
  }

  #block(): void {
    this.#last = this.#bits(1) === 1;
    const kind = this.#bits(2);
    if (kind === 0) {
      this.#drop(this.#count & 7);
      const length = this.#bits(16);
      if (this.#bits(16) !== (length ^ 0xffff)) this.#refuse("a length and its complement differ");
      this.#stored = length;
    } else if (kind === 1) this.#codes = FIXED;
    else if (kind === 2) this.#codes = this.#readCodes();
    else this.#refuse("a block of no known kind");
  }

  #copy(): void {
    const room = WINDOW + PIECE - this.#end;
    let many = Math.min(room, this.#stored);
    this.#stored -= many;
    while (many-- > 0) this.#out[this.#end++] = this.#bits(8);
    if (this.#stored === 0) this.#stored = -1;
  }

  #symbols(literals: Code, distances: Code): void {
    const out = this.#out;
    let end = this.#end;
    while (end < WINDOW + PIECE) {
      const symbol = this.#symbol(literals);
      if (symbol < END) {
        out[end++] = symbol;
        continue;
      }
      if (symbol === END) {
        this.#codes = null;
        break;
      }
      const length = LENGTHS[symbol - END - 1];
      if (length === undefined) this.#refuse("a length that means nothing");
      const many = length + this.#bits(LENGTH_EXTRA[symbol - END - 1]!);
      const far = this.#symbol(distances);
      const distance = DISTANCES[far];
      if (distance === undefined) this.#refuse("a distance that means nothing");
      const from = end - distance - this.#bits(DISTANCE_EXTRA[far]!);
      if (from < 0) this.#refuse("a distance beyond the beginning");
      for (let i = 0; i < many; i++) out[end + i] = out[from + i]!;
      end += many;
    }
    this.#end = end;
  }

  #readCodes(): readonly [Code, Code] {
    const [literals, distances, lengths] = [this.#bits(5) + 257, this.#bits(5) + 1, this.#bits(4) + 4];
    if (literals > 286 || distances > 30) this.#refuse("too many symbols");
    const first = new Uint8Array(19);
    for (let i = 0; i < lengths; i++) first[ORDER_OF_LENGTHS[i]!] = this.#bits(3);
    const code = this.#code(first, false);
    const all = new Uint8Array(literals + distances);
    for (let i = 0; i < all.length; ) {
      const symbol = this.#symbol(code);
      if (symbol < 16) {
        all[i++] = symbol;
        continue;
      }
      if (symbol === 16 && i === 0) this.#refuse("a length repeated that never was");
      const value = symbol === 16 ? all[i - 1]! : 0;
      const many = symbol === 16 ? 3 + this.#bits(2) : symbol === 17 ? 3 + this.#bits(3) : 11 + this.#bits(7);
      if (i + many > all.length) this.#refuse("a length repeated too often");
      all.fill(value, i, i + many);
      i += many;
    }
    if (all[END] === 0) this.#refuse("a block without an end");
    return [this.#code(all.subarray(0, literals), true), this.#code(all.subarray(literals), true)];
  }

  /** A code from the lengths of its words; `alone` allows one single word of one bit, or none. */
  #code(lengths: Uint8Array, alone: boolean): Code {
    const made = codeOf(lengths);
    const used = lengths.reduce((sum, length) => sum + (length === 0 ? 0 : 2 ** (BITS - length)), 0);
    const longest = Math.max(...lengths);
    if (made === null || (used < 2 ** BITS && !(alone && longest <= 1))) this.#refuse("a code that is not complete");
    return made;
  }

  #finish(): true {
    this.#drop(this.#count & 7);
    if (this.#count > 0 || this.#at < this.#packed.length || this.#next() !== null) refuse(this.#where, "has bytes behind its packed form");
    return true;
  }
}

/** The canonical code of RFC 1951 §3.2.2 as a table; null where the words do not fit. */
function codeOf(lengths: Uint8Array): Code | null {
  const table = new Uint16Array(2 ** Math.max(1, ...lengths));
  let word = 0;
  for (let length = 1; length <= BITS; length++) {
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      if (lengths[symbol] !== length) continue;
      if (word >= 2 ** length) return null;
      for (let next = reversed(word, length); next < table.length; next += 2 ** length) table[next] = (symbol << 4) | length;
      word++;
    }
    word <<= 1;
  }
  return table;
}

function reversed(word: number, length: number): number {
  let turned = 0;
  for (let i = 0; i < length; i++) turned |= ((word >> i) & 1) << (length - 1 - i);
  return turned;
}

const FIXED: readonly [Code, Code] = [
  codeOf(Uint8Array.from({ length: 288 }, (_, i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8))) as Code,
  codeOf(new Uint8Array(32).fill(5)) as Code,
];
