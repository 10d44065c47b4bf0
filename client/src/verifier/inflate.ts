// DEFLATE (RFC 1951), unpacked piece by piece, strictly: what is packed must end exactly where its last block
// ends.
//
// Its own, because what browsers offer differs in what it lets pass behind the last block, and cannot be
// stopped at a length.

import type { Bytes } from "./bytes.ts";
import { refuse } from "./refused.ts";

const WINDOW = 32768;
const PIECE = 65536;
const LONGEST = 258;
const BITS = 15;

const LENGTHS = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195,
  227, 258,
];
const LENGTH_EXTRA = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const DISTANCES = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097,
  6145, 8193, 12289, 16385, 24577,
];
const DISTANCE_EXTRA = DISTANCES.map((_, i) => Math.max(0, (i >> 1) - 1));
const ORDER_OF_LENGTHS = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const END = 256;

/**
 * For all bits that may come next, as many as the longest word has: symbol · 16 + its length in bits; 0 for
 * none.
 */
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
  private readonly _next: () => Bytes | null;
  private readonly _where: string;
  private _packed: Bytes = new Uint8Array(0);
  private _at = 0;
  private _held = 0;
  private _count = 0;
  private readonly _out = new Uint8Array(WINDOW + PIECE + LONGEST);
  private _end = 0;
  private _given = 0;
  private _last = false;
  /** What is left of a stored block; −1 where no such block is open. */
  private _stored = -1;
  private _codes: readonly [Code, Code] | null = null;

  constructor(next: () => Bytes | null, where: string) {
    this._next = next;
    this._where = where;
  }

  /** Go on until a piece is full (false) or everything is unpacked (true). */
  run(): boolean {
    while (this._end < WINDOW + PIECE) {
      if (this._codes !== null) this._symbols(...this._codes);
      else if (this._stored >= 0) this._copy();
      else if (this._last) return this._finish();
      else this._block();
    }
    return false;
  }

  /** What was unpacked since the last piece; what may be referred to again stays. */
  piece(): Bytes {
    const made = this._out.slice(this._given, this._end);
    if (this._end > WINDOW) {
      this._out.copyWithin(0, this._end - WINDOW, this._end);
      this._end = WINDOW;
    }
    this._given = this._end;
    return made;
  }

  private _refuse(why: string): never {
    refuse(this._where, `is not packed by RFC 1951: ${why}`);
  }

  private _fill(): void {
    while (this._count <= 24) {
      if (this._at === this._packed.length) {
        const more = this._next();
        if (more === null) return;
        this._packed = more;
        this._at = 0;
        continue;
      }
      this._held |= this._packed[this._at++]! << this._count;
      this._count += 8;
    }
  }

  private _drop(bits: number): void {
    if (bits > this._count) this._refuse("it is cut off");
    this._held = bits === 32 ? 0 : this._held >>> bits;
    this._count -= bits;
  }

  private _bits(bits: number): number {
    this._fill();
    const value = this._held & (2 ** bits - 1);
    this._drop(bits);
    return value;
  }

  private _symbol(code: Code): number {
    this._fill();
    const found = code[this._held & (code.length - 1)]!;
    if (found === 0) this._refuse("a code that means nothing");
    this._drop(found & 15);
    return found >> 4;
  }

  private _block(): void {
    this._last = this._bits(1) === 1;
    const kind = this._bits(2);
    if (kind === 0) {
      this._drop(this._count & 7);
      const length = this._bits(16);
      if (this._bits(16) !== (length ^ 0xffff)) this._refuse("a length and its complement differ");
      this._stored = length;
    } else if (kind === 1) this._codes = FIXED;
    else if (kind === 2) this._codes = this._readCodes();
    else this._refuse("a block of no known kind");
  }

  private _copy(): void {
    const room = WINDOW + PIECE - this._end;
    let many = Math.min(room, this._stored);
    this._stored -= many;
    while (many-- > 0) this._out[this._end++] = this._bits(8);
    if (this._stored === 0) this._stored = -1;
  }

  private _symbols(literals: Code, distances: Code): void {
    const out = this._out;
    let end = this._end;
    while (end < WINDOW + PIECE) {
      const symbol = this._symbol(literals);
      if (symbol < END) {
        out[end++] = symbol;
        continue;
      }
      if (symbol === END) {
        this._codes = null;
        break;
      }
      const length = LENGTHS[symbol - END - 1];
      if (length === undefined) this._refuse("a length that means nothing");
      const many = length + this._bits(LENGTH_EXTRA[symbol - END - 1]!);
      const far = this._symbol(distances);
      const distance = DISTANCES[far];
      if (distance === undefined) this._refuse("a distance that means nothing");
      const from = end - distance - this._bits(DISTANCE_EXTRA[far]!);
      if (from < 0) this._refuse("a distance beyond the beginning");
      for (let i = 0; i < many; i++) out[end + i] = out[from + i]!;
      end += many;
    }
    this._end = end;
  }

  private _readCodes(): readonly [Code, Code] {
    const [literals, distances, lengths] = [this._bits(5) + 257, this._bits(5) + 1, this._bits(4) + 4];
    if (literals > 286 || distances > 30) this._refuse("too many symbols");
    const first = new Uint8Array(19);
    for (let i = 0; i < lengths; i++) first[ORDER_OF_LENGTHS[i]!] = this._bits(3);
    const code = this._code(first, false);
    const all = new Uint8Array(literals + distances);
    for (let i = 0; i < all.length; ) {
      const symbol = this._symbol(code);
      if (symbol < 16) {
        all[i++] = symbol;
        continue;
      }
      if (symbol === 16 && i === 0) this._refuse("a length repeated that never was");
      const value = symbol === 16 ? all[i - 1]! : 0;
      const many = symbol === 16 ? 3 + this._bits(2) : symbol === 17 ? 3 + this._bits(3) : 11 + this._bits(7);
      if (i + many > all.length) this._refuse("a length repeated too often");
      all.fill(value, i, i + many);
      i += many;
    }
    if (all[END] === 0) this._refuse("a block without an end");
    return [this._code(all.subarray(0, literals), true), this._code(all.subarray(literals), true)];
  }

  /** A code from the lengths of its words; `alone` allows one single word of one bit, or none. */
  private _code(lengths: Uint8Array, alone: boolean): Code {
    const made = codeOf(lengths);
    const used = lengths.reduce((sum, length) => sum + (length === 0 ? 0 : 2 ** (BITS - length)), 0);
    const longest = Math.max(...lengths);
    if (made === null || (used < 2 ** BITS && !(alone && longest <= 1)))
      this._refuse("a code that is not complete");
    return made;
  }

  private _finish(): true {
    this._drop(this._count & 7);
    if (this._count > 0 || this._at < this._packed.length || this._next() !== null)
      refuse(this._where, "has bytes behind its packed form");
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
      for (let next = reversed(word, length); next < table.length; next += 2 ** length)
        table[next] = (symbol << 4) | length;
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
